using System.Security.Cryptography;
using System.Text;

namespace Sfu.Rooms.Decisions;

/// <summary>Who gets in, by joining or by resuming, and who leaves.</summary>
internal static class Admission
{
    /// <summary>Most events a client may have missed when it resumes; further behind it joins anew.</summary>
    public const int MaxMissedEvents = 1000;

    /// <summary>Longest text that comes with a leave, kick or refusal, in characters.</summary>
    public const int MaxDetailLength = 256;

    /// <summary>Lets somebody in, to the lobby, or not.</summary>
    /// <remarks>An identity that is in the room now is replaced, whether the room is locked, full or has a lobby: it was let in before, and a
    /// page that is loaded again must not lose its place. Hidden participants do not wait: the lobby would show them.</remarks>
    public static Decision Join(RoomState state, JoinRequest request, DecisionContext context)
    {
        if (Invalid(request) is { } invalid) return Decision.Refuse(RoomErrorCode.BadRequest, invalid);
        if (state.Find(request.Session) is not null) return Decision.Nothing;
        var events = new List<RoomEvent>();
        ParticipantId id = context.Ids.NewParticipant();
        RoomSettings? settings = state.Settings;
        if (settings is null)
        {
            if (!request.MayCreate && context.Options.AutoCreate != true) return Decision.NoRoom;
            if (context.NoRoomLeft is { } full) return new Decision(full, []);
            settings = Lifecycle.DefaultSettings(context);
            events.Add(new RoomCreated(context.Ids.NewRoom(), settings, RoomActor.Of(id)));
        }

        Participant? old = state.FindIdentity(request.Identity);
        bool replaces = old is { State: ParticipantState.Joined };
        if (state.Locked && !replaces) return Decision.Refuse(RoomErrorCode.RoomLocked, "The room is locked.");
        bool waits = settings.Lobby && !request.Rights.Admin && !request.Rights.Hidden && !replaces;
        if (NoPlace(state, settings, waits, old, context) is { } error) return new Decision(error, []);
        if (old is not null) AddDeparture(events, old, LeaveReason.DuplicateIdentity, "", RoomActor.Of(id));
        Participant participant = Make(id, request, waits, context.Now);
        events.Add(waits ? new ParticipantWaiting(participant) : new ParticipantJoined(participant));
        return Decision.Do(events);
    }

    /// <summary>Continues a session; one answer for an unknown session and a wrong secret.</summary>
    /// <remarks>Good are the newest secret and, until the client has shown that it knows that one, the secret it was got for: whoever loses the
    /// socket again before the answer comes knows no other. Never more than these two.</remarks>
    public static Decision Resume(RoomState state, ResumeRequest request)
    {
        if (!state.IsOpen || state.Find(request.Session) is not { SecretHash.Length: > 0 } participant || !IsGood(participant, request.SecretHash))
        {
            return Decision.Refuse(RoomErrorCode.NotFound, "The session is over or unknown: join anew.");
        }

        if (request.NewSecretHash is not { Length: > 0 and <= 64 } || request.Node is not { Length: > 0 and <= 64 })
            return Decision.Refuse(RoomErrorCode.BadRequest, "The new secret's hash or the node is not valid.");
        if (request.AfterSeq < 0 || request.AfterSeq > state.Seq)
            return Decision.Refuse(RoomErrorCode.BadRequest, "The number of the last event is not one that this room has.");
        if (state.Seq - request.AfterSeq > MaxMissedEvents)
            return Decision.Refuse(RoomErrorCode.BadState, "Too much happened since: join anew.");
        return Decision.Do(new SessionResumed(participant.Id, request.NewSecretHash, request.Node, request.SecretHash));
    }

    /// <summary>The client knows its newest secret; nothing when it has a newer one by now, or none before this one.</summary>
    public static Decision Confirm(RoomState state, SessionId session, string secretHash) =>
        state.IsOpen && state.Find(session) is { PreviousSecretHash.Length: > 0 } participant && SameSecret(participant.SecretHash, secretHash)
            ? Decision.Do(new SessionConfirmed(participant.Id))
            : Decision.Nothing;

    /// <summary>A participant goes; nothing when it is gone.</summary>
    public static Decision Leave(RoomState state, ParticipantId id, LeaveReason reason, string detail)
    {
        if (!state.IsOpen || state.Find(id) is not { } participant) return Decision.Nothing;
        RoomActor by = reason == LeaveReason.ClientLeft ? RoomActor.Of(id) : RoomActor.Server;
        var events = new List<RoomEvent>();
        AddDeparture(events, participant, reason, Names.IsText(detail, MaxDetailLength) ? detail : "", by);
        return Decision.Do(events);
    }

    /// <summary>Whoever joined with a session that nobody waits for goes.</summary>
    public static Decision Abandon(RoomState state, SessionId session) =>
        state.Find(session) is { } participant ? Leave(state, participant.Id, LeaveReason.ConnectionFailed, "") : Decision.Nothing;

    /// <summary>Adds the events of one participant's departure: its tracks end before it.</summary>
    public static void AddDeparture(List<RoomEvent> events, Participant participant, LeaveReason reason, string detail, RoomActor by)
    {
        foreach (Track track in participant.Tracks)
            events.Add(new TrackUnpublished(track.Id, participant.Id, UnpublishReason.ParticipantLeft));
        events.Add(new ParticipantLeft(participant.Id, participant.Identity, reason, detail, by));
    }

    private static string? Invalid(JoinRequest request)
    {
        if (!Names.IsIdentity(request.Identity)) return "The identity must be 1 to 128 printable characters without '/'.";
        if (!Names.IsText(request.Name, Names.MaxDisplayNameLength)) return "The name must be at most 128 characters of text.";
        if (!Names.IsText(request.Metadata, Names.MaxMetadataLength)) return "The metadata must be at most 2,048 characters of text.";
        if (!Names.IsText(request.Client.Name, 64) || !Names.IsText(request.Client.Version, 64)) return "The client's name or version is too long.";
        bool ids = request.Session.Value is { Length: > 0 and <= 64 } && request.Node is { Length: > 0 and <= 64 };
        return ids && request.SecretHash is { Length: <= 64 } ? null : "The session, node or secret hash is not valid.";
    }

    private static RoomError? NoPlace(RoomState state, RoomSettings settings, bool waits, Participant? old, DecisionContext context)
    {
        int joined = state.Joined.Length - (old is { State: ParticipantState.Joined } ? 1 : 0);
        if (!waits) return joined < settings.MaxParticipants ? null : new RoomError(RoomErrorCode.RoomFull, "The room is full.");
        int waiting = state.Waiting.Length - (old is { State: ParticipantState.Waiting } ? 1 : 0);
        return waiting < context.Options.MaxWaiting
            ? null
            : new RoomError(RoomErrorCode.Limit, "The lobby is full.", TimeSpan.FromSeconds(30));
    }

    private static Participant Make(ParticipantId id, JoinRequest request, bool waits, DateTimeOffset now) => new()
    {
        Id = id,
        Identity = request.Identity,
        Name = request.Name,
        Metadata = request.Metadata,
        State = waits ? ParticipantState.Waiting : ParticipantState.Joined,
        Rights = request.Rights,
        JoinedAt = now,
        Session = request.Session,
        SecretHash = request.SecretHash,
        Node = request.Node,
        Client = request.Client,
        ExpiresAt = request.ExpiresAt,
        RecordingPolicy = request.Recording,
        Consent = request.ConsentText is null ? null : true,
        ConsentText = request.ConsentText,
    };

    private static bool IsGood(Participant participant, string shown) =>
        SameSecret(participant.SecretHash, shown)
        || (participant.PreviousSecretHash.Length > 0 && SameSecret(participant.PreviousSecretHash, shown));

    private static bool SameSecret(string stored, string shown) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(shown));
}
