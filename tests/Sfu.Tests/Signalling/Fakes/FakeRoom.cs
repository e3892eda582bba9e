using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>A room in memory: it keeps the promises of <see cref="IRoomGrain"/> that signalling builds on, and notes what it was asked.</summary>
[GrainType("fake-room-of-signalling")] // Orleans knows every grain class of the process; the default name is that of another fake
internal sealed class FakeRoom(RoomKey key, TimeProvider time) : IRoomGrain
{
    private readonly List<Participant> _participants = [];
    private readonly List<Participant> _waiting = [];
    private readonly List<Follower> _followers = [];
    private readonly Lock _gate = new();
    private int _nextId = 1;
    private bool _isDelivering;

    public RoomKey Key => key;

    public List<LoggedEvent> Log { get; } = [];

    /// <summary>What was asked, such as <c>mute PA_1 TR_1 True</c>.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The next requests are answered so; null = as the room decides.</summary>
    public RoomError? Refusal { get; set; }

    /// <summary>The next requests throw it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Requests wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public bool Exists { get; set; } = true;

    public RoomInfo Info { get; set; } = new(
        key, "RM_1", new RoomSettings { MaxParticipants = 100, EmptyTimeout = TimeSpan.FromMinutes(5), DepartureTimeout = TimeSpan.FromSeconds(20) },
        false, time.GetUtcNow(), 0, 0);

    public IReadOnlyList<Participant> Participants => _participants;

    public long LastSeq => Log.Count;

    public RoomSnapshot Snapshot => new(Info, [.. _participants], [.. _waiting], LastSeq);

    public Participant this[string identity] => _participants.Concat(_waiting).Single(participant => participant.Identity == identity);

    /// <summary>Writes an event to the log and tells those who follow.</summary>
    public LoggedEvent Append(RoomEvent roomEvent, EventAudience audience = EventAudience.Everyone)
    {
        lock (_gate)
        {
            var entry = new LoggedEvent(LastSeq + 1, time.GetUtcNow(), audience, roomEvent);
            Log.Add(entry);
            Deliver();
            return entry;
        }
    }

    public void Follow(long after, IRoomEventSink sink, Func<bool> isLive)
    {
        lock (_gate)
        {
            _followers.Add(new Follower(sink, isLive) { Seq = after });
            Deliver();
        }
    }

    // What a sink does may append to the log: everybody sees that after what came before.
    private void Deliver()
    {
        if (_isDelivering) return;
        _isDelivering = true;
        while (true)
        {
            _followers.RemoveAll(follower => !follower.IsLive());
            if (_followers.Find(follower => follower.Seq < LastSeq) is not { } behind) break;
            behind.Sink.OnEvent(Log[(int)behind.Seq++]);
        }

        _isDelivering = false;
    }

    /// <summary>Somebody of whom no session is part of the test.</summary>
    public Participant AddOther(string identity, ParticipantRights? rights = null)
    {
        var request = new JoinRequest
        {
            Identity = identity,
            Name = identity,
            Rights = rights ?? Rights.Participant,
            Session = ServerIds.NewSession(),
            Node = "elsewhere",
            Client = new ClientInfo(ClientProtocol.WebSocket),
        };
        return Enter(New(request, ParticipantState.Joined));
    }

    public Track Publish(ParticipantId owner, MediaKind kind = MediaKind.Audio, TrackSource? source = null)
    {
        var track = new Track
        {
            Id = new TrackId($"TR_{_nextId++}"),
            Participant = owner,
            Kind = kind,
            Source = source ?? (kind == MediaKind.Audio ? TrackSource.Microphone : TrackSource.Camera),
        };
        Replace(owner, participant => participant with { Tracks = [.. participant.Tracks, track] });
        Append(new TrackPublished(track));
        return track;
    }

    public async Task<JoinOutcome> JoinAsync(JoinRequest request)
    {
        await EnterCallAsync($"join {request.Identity}");
        if (Refusal is { } error) return new JoinRefused(error);
        if (_participants.Find(participant => participant.Identity == request.Identity) is { } old) Remove(old.Id, LeaveReason.DuplicateIdentity, "");
        if (!Info.Settings.Lobby || request.Rights.Admin) return new JoinAccepted(Enter(New(request, ParticipantState.Joined)), Snapshot);
        Participant waiting = New(request, ParticipantState.Waiting);
        _waiting.Add(waiting);
        Append(new ParticipantWaiting(waiting), EventAudience.Admins);
        return new JoinWaiting(waiting, Info, LastSeq);
    }

    public async Task<ResumeOutcome> ResumeAsync(ResumeRequest request)
    {
        await EnterCallAsync($"resume {request.Session}");
        Participant? self = _participants.Find(participant => participant.Session == request.Session);
        if (self is null || (self.SecretHash != request.SecretHash && self.PreviousSecretHash != request.SecretHash))
            return new ResumeRefused(new RoomError(RoomErrorCode.NotFound, "No such session."));
        Replace(self.Id, participant => participant with
        {
            SecretHash = request.NewSecretHash,
            PreviousSecretHash = request.SecretHash,
            Node = request.Node,
        });
        Append(new SessionResumed(self.Id, request.NewSecretHash, request.Node, request.SecretHash), EventAudience.Internal);
        return new ResumeAccepted(_participants.Single(participant => participant.Id == self.Id), Snapshot);
    }

    public async Task ConfirmAsync(SessionId session, string secretHash)
    {
        await EnterCallAsync($"confirm {session}");
        if (_participants.Find(participant => participant.Session == session) is not { PreviousSecretHash.Length: > 0 } self || self.SecretHash != secretHash) return;
        Replace(self.Id, participant => participant with { PreviousSecretHash = "" });
        Append(new SessionConfirmed(self.Id), EventAudience.Internal);
    }

    public async Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail = "")
    {
        await EnterCallAsync($"leave {participant} {reason} {detail}".TrimEnd());
        Remove(participant, reason, detail);
    }

    public async Task<RoomSnapshot?> GetAsync()
    {
        await EnterCallAsync("get");
        return Exists ? Snapshot : null;
    }

    public Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name) =>
        OutcomeAsync($"update {participant} {track} {source} {name}".TrimEnd());

    public async Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason)
    {
        RoomOutcome outcome = await OutcomeAsync($"unpublish {participant} {string.Join(',', tracks)} {reason}");
        if (outcome.Error is not null) return outcome;
        Replace(participant, owner => owner with { Tracks = [.. owner.Tracks.Where(track => !tracks.Contains(track.Id))] });
        foreach (TrackId track in tracks) Append(new TrackUnpublished(track, participant, reason));
        return outcome;
    }

    public Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted) => OutcomeAsync($"mute {by.Participant} {track} {muted}");

    public Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind) => OutcomeAsync($"mute_all {by.Participant} {kind}");

    public Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail = "") =>
        OutcomeAsync($"kick {by.Participant} {participant} {detail}".TrimEnd());

    public Task<RoomOutcome> LockAsync(RoomActor by, bool locked) => OutcomeAsync($"lock {by.Participant} {locked}");

    public async Task<Sfu.Recordings.RecordingAnswer> StartRecordingAsync(RoomActor by) =>
        new(null, (await OutcomeAsync($"record {by.Participant}")).Error);

    public Task OnRecordingAsync(Sfu.Recordings.RoomRecordingNews news) => throw new NotSupportedException();

    public Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted) => OutcomeAsync($"consent {by.Participant} {participant} {granted}");

    public Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, Sfu.Recordings.RecordingPolicy policy) =>
        throw new NotSupportedException();

    public Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant) => OutcomeAsync($"admit {by.Participant} {participant}");

    public Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail = "") =>
        OutcomeAsync($"refuse {by.Participant} {participant} {detail}".TrimEnd());

    /// <summary>A host lets somebody in.</summary>
    public void Admit(ParticipantId participant)
    {
        Participant admitted = _waiting.Single(entry => entry.Id == participant) with { State = ParticipantState.Joined };
        _waiting.RemoveAll(entry => entry.Id == participant);
        _participants.Add(admitted);
        Append(new ParticipantAdmitted(admitted, RoomActor.Server));
    }

    /// <summary>A participant goes, for a reason of the room's.</summary>
    public void Remove(ParticipantId participant, LeaveReason reason, string detail = "")
    {
        Participant? gone = _participants.Concat(_waiting).FirstOrDefault(entry => entry.Id == participant);
        if (gone is null) return;
        _participants.RemoveAll(entry => entry.Id == participant);
        _waiting.RemoveAll(entry => entry.Id == participant);
        foreach (Track track in gone.Tracks) Append(new TrackUnpublished(track.Id, participant, UnpublishReason.ParticipantLeft));
        Append(new ParticipantLeft(participant, gone.Identity, reason, detail, RoomActor.Server),
            gone.Rights.Hidden ? EventAudience.BackEnd : gone.State == ParticipantState.Waiting ? EventAudience.Admins : EventAudience.Everyone);
    }

    public Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by) => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by) => throw new NotSupportedException();

    public Task<RoomOutcome> DeleteAsync(RoomActor by) => throw new NotSupportedException();

    public Task AbandonAsync(SessionId session) => throw new NotSupportedException();

    public Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks) => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name) =>
        throw new NotSupportedException();

    public Task<EventPage> EventsAsync(long after, int limit) => throw new NotSupportedException();

    public Task<long> SubscribeAsync(IRoomObserver observer) => throw new NotSupportedException();

    public Task UnsubscribeAsync(IRoomObserver observer) => throw new NotSupportedException();

    private Participant New(JoinRequest request, ParticipantState state) => new()
    {
        Id = new ParticipantId($"PA_{_nextId++}"),
        Identity = request.Identity,
        Name = request.Name,
        Metadata = request.Metadata,
        State = state,
        Rights = request.Rights,
        JoinedAt = time.GetUtcNow(),
        Session = request.Session,
        SecretHash = request.SecretHash,
        Node = request.Node,
        Client = request.Client,
        ExpiresAt = request.ExpiresAt,
    };

    private Participant Enter(Participant participant)
    {
        _participants.Add(participant);
        Append(new ParticipantJoined(participant), participant.Rights.Hidden ? EventAudience.BackEnd : EventAudience.Everyone);
        return participant;
    }

    private void Replace(ParticipantId id, Func<Participant, Participant> change)
    {
        int at = _participants.FindIndex(participant => participant.Id == id);
        if (at >= 0) _participants[at] = change(_participants[at]);
    }

    private async Task<RoomOutcome> OutcomeAsync(string call)
    {
        await EnterCallAsync(call);
        return Refusal is { } error ? new RoomOutcome(error) : RoomOutcome.Done;
    }

    private async Task EnterCallAsync(string call)
    {
        lock (_gate) Calls.Add(call);
        await Gate;
        if (Failure is { } failure) throw failure;
    }

    private sealed record Follower(IRoomEventSink Sink, Func<bool> IsLive)
    {
        public long Seq { get; set; }
    }
}
