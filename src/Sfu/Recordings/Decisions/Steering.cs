using Sfu.Rooms;

namespace Sfu.Recordings.Decisions;

/// <summary>What hosts and the back end do to a recording. Pure; who may ask was checked before.</summary>
internal static class Steering
{
    /// <summary>Longest text of a pause, in characters.</summary>
    public const int MaxTextLength = 256;

    /// <summary>Pauses a participant or the room. The same again keeps its beginning.</summary>
    public static RecordingDecision Pause(RecordingState state, PauseSpan span, RoomActor by)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.NotLive;
        if (!Names.IsText(span.Text, MaxTextLength)) return RecordingDecision.Refuse(RoomErrorCode.BadRequest, "text must be at most 256 characters of text.");
        if (span.Until is { } until && (until <= span.From || until - span.From > RecordingTimes.LongestPause))
            return RecordingDecision.Refuse(RoomErrorCode.BadRequest, "A pause that ends by itself lasts 1 ms to 24 hours.");
        PauseSpan? old = state.Pauses.FirstOrDefault(pause => pause.Participant == span.Participant);
        if (old is not null) span = span with { From = old.From };
        return span == old ? RecordingDecision.Nothing : RecordingDecision.Do(new RecordingPaused(span, by));
    }

    /// <summary>Ends a pause; nothing when there is none.</summary>
    public static RecordingDecision Resume(RecordingState state, ParticipantId? participant, RoomActor by)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.NotLive;
        bool isPaused = state.Pauses.Any(pause => pause.Participant == participant);
        return isPaused ? RecordingDecision.Do(new RecordingResumed(participant, by)) : RecordingDecision.Nothing;
    }

    /// <summary>Ends the recording; nothing when it ends already. One that is required ends with its room only.</summary>
    public static RecordingDecision Stop(RecordingState state, RoomActor by)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.Nothing;
        return state.Policy == RecordingPolicy.Required
            ? RecordingDecision.Refuse(RoomErrorCode.BadState, "The call must be recorded: its recording ends with the room. Pause it, or end the room.")
            : RecordingDecision.Do(End(RecordingEndReason.Stopped, null, by));
    }

    /// <summary>A stricter policy than the present one holds; a laxer one does not.</summary>
    public static RecordingDecision Raise(RecordingState state, RecordingPolicy policy) =>
        RecordingPhases.IsOpen(state.Phase) && policy > state.Policy ? RecordingDecision.Do(new RecordingPolicyChanged(policy)) : RecordingDecision.Nothing;

    /// <summary>The events of an end.</summary>
    public static RecordingEvent[] End(RecordingEndReason reason, RecordingCause? cause, RoomActor by) =>
        [new RecordingEnding(reason, cause, by), new RecordingPhaseChanged(RecordingPhase.Sealing, cause)];
}
