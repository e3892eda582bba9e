using Sfu.Media.Rtp;

namespace Sfu.Rooms.Decisions;

/// <summary>What participants may publish, and who mutes what.</summary>
internal static class Publishing
{
    /// <summary>Longest codec name, in characters.</summary>
    public const int MaxCodecLength = 32;

    /// <summary>Publishes what is allowed, draft by draft.</summary>
    /// <param name="state">The room.</param>
    /// <param name="id">Who publishes.</param>
    /// <param name="drafts">What it wants to publish.</param>
    /// <param name="context">The limits, new ids.</param>
    /// <param name="results">One per draft, in order; all the same after a refusal.</param>
    public static Decision Publish(
        RoomState state, ParticipantId id, IReadOnlyList<TrackDraft> drafts, DecisionContext context, out PublishResult[] results)
    {
        results = new PublishResult[drafts.Count];
        if (Publisher(state, id, out Participant? participant) is { } error)
        {
            Array.Fill(results, new PublishResult(null, error));
            return new Decision(error, []);
        }

        var events = new List<RoomEvent>();
        for (int i = 0; i < results.Length; i++)
        {
            if (Refusal(participant!, drafts[i], participant!.Tracks.Count + events.Count, context) is { } refused)
            {
                results[i] = new PublishResult(null, refused);
                continue;
            }

            Track track = Make(id, drafts[i], context.Ids.NewTrack());
            results[i] = new PublishResult(track, null);
            events.Add(new TrackPublished(track));
        }

        return Decision.Do(events);
    }

    /// <summary>Renames a track or says that it carries something else; by its owner.</summary>
    public static Decision Update(RoomState state, ParticipantId id, TrackId trackId, TrackSource? source, string? name)
    {
        if (Publisher(state, id, out Participant? participant) is { } error) return new Decision(error, []);
        if (participant!.Tracks.FirstOrDefault(track => track.Id == trackId) is not { } old) return Decision.NoTrack;
        Track changed = old with { Source = source ?? old.Source, Name = name ?? old.Name };
        if (changed == old) return Decision.Nothing;
        if (Invalid(changed.Kind, changed.Source, changed.Name) is { } invalid) return Decision.Refuse(RoomErrorCode.BadRequest, invalid);
        return participant.Rights.MayPublish(changed.Source)
            ? Decision.Do(new TrackUpdated(changed))
            : Decision.Refuse(RoomErrorCode.Forbidden, "The token does not allow this source.");
    }

    /// <summary>Ends tracks; those that are gone or somebody else's do not matter.</summary>
    public static Decision Unpublish(RoomState state, ParticipantId id, IReadOnlyList<TrackId> tracks, UnpublishReason reason)
    {
        if (!state.IsOpen || state.Find(id) is not { } participant) return Decision.Nothing;
        var events = new List<RoomEvent>();
        foreach (Track track in participant.Tracks)
        {
            if (tracks.Contains(track.Id)) events.Add(new TrackUnpublished(track.Id, id, reason));
        }

        return Decision.Do(events);
    }

    /// <summary>Mutes or opens one track. A server never opens somebody's microphone: others than the owner only mute.</summary>
    public static Decision Mute(RoomState state, RoomActor by, TrackId trackId, bool muted)
    {
        if (!state.IsOpen) return Decision.NoRoom;
        (Participant? owner, Track? track) = state.Find(trackId);
        bool own = owner is not null && owner.Id == by.Participant;
        if (!own && Moderation.Refusal(state, by) is { } error) return new Decision(error, []);
        if (owner is null || track is null || Moderation.Visible(state, by, owner.Id) is null) return Decision.NoTrack;
        if (!own && !muted) return Decision.Refuse(RoomErrorCode.Forbidden, "Only its owner may open a track.");
        if (track.Muted == muted) return Decision.Nothing;
        MuteReason reason = own ? MuteReason.Self : by.Participant is null ? MuteReason.Server : MuteReason.Admin;
        return Decision.Do(new TrackMuted(trackId, owner.Id, muted, reason, by));
    }

    private static RoomError? Publisher(RoomState state, ParticipantId id, out Participant? participant)
    {
        participant = null;
        if (!state.IsOpen) return Decision.NoRoom.Error;
        participant = state.Find(id);
        if (participant is null) return Decision.NoParticipant.Error;
        return participant.State == ParticipantState.Joined ? null : new RoomError(RoomErrorCode.BadState, "You wait in the lobby.");
    }

    private static RoomError? Refusal(Participant participant, TrackDraft draft, int published, DecisionContext context)
    {
        if (Invalid(draft.Kind, draft.Source, draft.Name) is { } invalid) return new RoomError(RoomErrorCode.BadRequest, invalid);
        if (!Names.IsText(draft.Codec, MaxCodecLength)) return new RoomError(RoomErrorCode.BadRequest, "The codec's name is too long.");
        if (!participant.Rights.MayPublish(draft.Source)) return new RoomError(RoomErrorCode.Forbidden, "The token does not allow this source.");
        return published < context.Options.MaxTracks
            ? null
            : new RoomError(RoomErrorCode.Limit, $"At most {context.Options.MaxTracks} tracks may be published.");
    }

    private static string? Invalid(MediaKind kind, TrackSource source, string name)
    {
        bool fits = source switch
        {
            TrackSource.Microphone or TrackSource.ScreenShareAudio => kind == MediaKind.Audio,
            TrackSource.Camera or TrackSource.ScreenShare => kind == MediaKind.Video,
            TrackSource.Other => true,
            _ => false,
        };
        if (!fits) return "The source does not fit the kind of the track.";
        return Names.IsText(name, Names.MaxDisplayNameLength) ? null : "The track's name must be at most 128 characters of text.";
    }

    private static Track Make(ParticipantId owner, TrackDraft draft, TrackId id) => new()
    {
        Id = id,
        Participant = owner,
        Kind = draft.Kind,
        Source = draft.Source,
        Name = draft.Name,
        MutedBy = draft.Muted ? MutedBy.Self : null,
        Codec = draft.Codec,
        Simulcast = draft.Simulcast,
    };
}
