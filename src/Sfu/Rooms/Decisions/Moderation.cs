namespace Sfu.Rooms.Decisions;

/// <summary>What hosts and the back end may do to a room and to others in it.</summary>
internal static class Moderation
{
    /// <summary>Locks or opens the room for new participants.</summary>
    public static Decision Lock(RoomState state, RoomActor by, bool locked)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        return state.Locked == locked ? Decision.Nothing : Decision.Do(new RoomLocked(locked, by));
    }

    /// <summary>Removes somebody from the room or the lobby.</summary>
    public static Decision Kick(RoomState state, RoomActor by, ParticipantId id, string detail)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        if (Visible(state, by, id) is not { } participant) return Decision.NoParticipant;
        return Remove(participant, LeaveReason.Kicked, detail, by);
    }

    /// <summary>Lets somebody in who waits, also into a locked room: it is the host's own will.</summary>
    public static Decision Admit(RoomState state, RoomActor by, ParticipantId id, DecisionContext context)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        if (Visible(state, by, id) is not { } participant) return Decision.NoParticipant;
        if (participant.State == ParticipantState.Joined) return Decision.Nothing;
        if (state.Joined.Length >= state.Settings!.MaxParticipants) return Decision.Refuse(RoomErrorCode.RoomFull, "The room is full.");
        return Decision.Do(new ParticipantAdmitted(participant with { State = ParticipantState.Joined, JoinedAt = context.Now }, by));
    }

    /// <summary>Sends somebody away who waits.</summary>
    public static Decision Refuse(RoomState state, RoomActor by, ParticipantId id, string detail)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        if (Visible(state, by, id) is not { } participant) return Decision.NoParticipant;
        return participant.State == ParticipantState.Waiting
            ? Remove(participant, LeaveReason.Refused, detail, by)
            : Decision.Refuse(RoomErrorCode.BadState, "The participant does not wait: it is in the room.");
    }

    /// <summary>Changes a participant's or the room's free text.</summary>
    public static Decision ChangeMetadata(RoomState state, RoomActor by, ParticipantId? id, string? metadata, string? name)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        if (metadata is not null && !Names.IsText(metadata, Names.MaxMetadataLength))
            return Decision.Refuse(RoomErrorCode.BadRequest, "metadata must be at most 2,048 characters of text.");
        if (name is not null && !Names.IsText(name, Names.MaxDisplayNameLength))
            return Decision.Refuse(RoomErrorCode.BadRequest, "name must be at most 128 characters of text.");
        if (id is null)
        {
            bool same = metadata is null || metadata == state.Settings!.Metadata;
            return same ? Decision.Nothing : Decision.Do(new MetadataChanged(null, metadata!, null, by));
        }

        if (Visible(state, by, id.Value) is not { } participant) return Decision.NoParticipant;
        var changed = new MetadataChanged(id, metadata ?? participant.Metadata, name ?? participant.Name, by);
        return changed.Metadata == participant.Metadata && changed.Name == participant.Name ? Decision.Nothing : Decision.Do(changed);
    }

    /// <summary>Mutes what is open of one kind, except the actor's own tracks and those of hidden participants.</summary>
    public static Decision MuteAll(RoomState state, RoomActor by, Media.Rtp.MediaKind kind)
    {
        if (Refusal(state, by) is { } error) return new Decision(error, []);
        var events = new List<RoomEvent>();
        foreach (Participant participant in state.Joined)
        {
            if (participant.Rights.Hidden || participant.Id == by.Participant) continue;
            foreach (Track track in participant.Tracks)
            {
                if (track.Kind == kind && !track.Muted) events.Add(new TrackMuted(track.Id, participant.Id, true, MuteReason.MuteAll, by));
            }
        }

        return Decision.Do(events);
    }

    /// <summary>Null when the actor may moderate this open room: the back end, the server, or a joined participant with <c>roomAdmin</c>.</summary>
    public static RoomError? Refusal(RoomState state, RoomActor by)
    {
        if (!state.IsOpen) return Decision.NoRoom.Error;
        if (by.Participant is not { } id) return null;
        if (state.Find(id) is not { } actor) return Decision.NoParticipant.Error;
        if (actor.State != ParticipantState.Joined) return new RoomError(RoomErrorCode.BadState, "You wait in the lobby.");
        return actor.Rights.Admin ? null : new RoomError(RoomErrorCode.Forbidden, "Only hosts may do this.");
    }

    /// <summary>The participant, when it exists for the actor: hidden ones exist for the back end and themselves only.</summary>
    public static Participant? Visible(RoomState state, RoomActor by, ParticipantId id)
    {
        Participant? participant = state.Find(id);
        return participant is { Rights.Hidden: true } && by.Participant is { } actor && actor != id ? null : participant;
    }

    private static Decision Remove(Participant participant, LeaveReason reason, string detail, RoomActor by)
    {
        if (!Names.IsText(detail, Admission.MaxDetailLength))
            return Decision.Refuse(RoomErrorCode.BadRequest, "The reason must be at most 256 characters of text.");
        var events = new List<RoomEvent>();
        Admission.AddDeparture(events, participant, reason, detail, by);
        return Decision.Do(events);
    }
}
