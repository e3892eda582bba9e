using Sfu.Recordings;

namespace Sfu.Rooms.Decisions;

/// <summary>What recording means inside of a room: the policy that holds, who is recorded, and what the recording's owner reports.</summary>
internal static class RecordingRules
{
    /// <summary>The strictest policy of the room and of those in it.</summary>
    public static RecordingPolicy Wanted(RoomState state)
    {
        if (!state.IsOpen || state.Joined.IsEmpty) return RecordingPolicy.Off;
        RecordingPolicy wanted = state.Settings!.Recording;
        foreach (Participant participant in state.Joined)
        {
            if (participant.RecordingPolicy > wanted) wanted = participant.RecordingPolicy.Value;
        }

        return wanted;
    }

    /// <summary>Whether a participant is recorded.</summary>
    public static ParticipantRecordingState StateOf(RoomRecording? recording, Participant participant)
    {
        if (recording is not { IsLive: true }) return ParticipantRecordingState.Off;
        if (participant.RecordingPolicy == RecordingPolicy.Off) return ParticipantRecordingState.Exempt;
        if (participant.Consent == false) return ParticipantRecordingState.Refused;
        if (recording.Consent == ConsentMode.First && participant.Consent is null) return ParticipantRecordingState.ConsentPending;
        bool isPaused = recording.State == RoomRecordingState.Paused || recording.PausedParticipants.Contains(participant.Id)
            || recording.PausedIdentities.Contains(participant.Identity);
        return isPaused ? ParticipantRecordingState.Paused : ParticipantRecordingState.On;
    }

    /// <summary>The event that makes a recording the room's.</summary>
    public static RecordingChanged Change(RoomState state, RoomRecording recording) => new(
        recording,
        [.. from participant in state.Joined
            let now = StateOf(recording, participant)
            where now != participant.Recording
            select new ParticipantRecording(participant.Id, now)]);

    /// <summary>What the owner of the recording reports.</summary>
    public static Decision Report(RoomState state, RoomRecordingNews news)
    {
        if (!state.IsOpen || state.RoomId != news.RoomId) return Decision.NoRoom;
        if (news.Recording.Version <= (state.Recording?.Version ?? 0)) return Decision.Nothing;
        RecordingChanged changed = Change(state, news.Recording);
        return news.EndsRoom
            ? Decision.Do([changed, .. Lifecycle.Close(state, RoomCloseReason.RecordingUnavailable, RoomActor.Server)])
            : Decision.Do(changed);
    }

    /// <summary>A participant agrees to be recorded or refuses, by itself or through the back end.</summary>
    public static Decision Consent(RoomState state, RoomActor by, ParticipantId id, bool granted)
    {
        if (!state.IsOpen) return Decision.NoRoom;
        if (state.Find(id) is not { } participant) return Decision.NoParticipant;
        if (by.Participant is { } actor && actor != id) return Decision.Refuse(RoomErrorCode.Forbidden, "Nobody consents for somebody else.");
        if (participant.State != ParticipantState.Joined) return Decision.Refuse(RoomErrorCode.BadState, "The participant waits in the lobby.");
        return participant.Consent == granted ? Decision.Nothing : Decision.Do(Changed(state, participant with { Consent = granted }, by));
    }

    /// <summary>The back end says whether a participant is recorded.</summary>
    public static Decision SetPolicy(RoomState state, RoomActor by, ParticipantId id, RecordingPolicy policy)
    {
        if (!state.IsOpen) return Decision.NoRoom;
        if (by.Participant is not null) return Decision.Refuse(RoomErrorCode.Forbidden, "Only the back end may do this.");
        if (state.Find(id) is not { } participant) return Decision.NoParticipant;
        return participant.RecordingPolicy == policy ? Decision.Nothing : Decision.Do(Changed(state, participant with { RecordingPolicy = policy }, by));
    }

    /// <summary>Null when the actor may steer the recording of this open room.</summary>
    public static RoomError? Refusal(RoomState state, RoomActor by)
    {
        if (Moderation.Refusal(state, by) is { } error) return error;
        return by.Participant is { } id && !state.Find(id)!.Rights.Record
            ? new RoomError(RoomErrorCode.Forbidden, "This needs roomRecord in the token.")
            : null;
    }

    /// <summary>Gives those who enter the recording state that holds when they do.</summary>
    /// <param name="state">The room before the events.</param>
    /// <param name="events">What is about to happen.</param>
    public static IReadOnlyList<RoomEvent> Stamp(RoomState state, IReadOnlyList<RoomEvent> events)
    {
        RoomRecording? recording = state.Recording;
        var stamped = new RoomEvent[events.Count];
        for (int i = 0; i < stamped.Length; i++)
        {
            if (events[i] is RecordingChanged changed) recording = changed.Recording;
            stamped[i] = events[i] switch
            {
                ParticipantJoined joined => new ParticipantJoined(Stamp(recording, joined.Participant)),
                ParticipantAdmitted admitted => admitted with { Participant = Stamp(recording, admitted.Participant) },
                _ => events[i],
            };
        }

        return stamped;
    }

    private static Participant Stamp(RoomRecording? recording, Participant participant) => participant with { Recording = StateOf(recording, participant) };

    private static ParticipantRecordingChanged Changed(RoomState state, Participant participant, RoomActor by) =>
        new(participant.Id, participant.RecordingPolicy, participant.Consent, StateOf(state.Recording, participant), by);
}
