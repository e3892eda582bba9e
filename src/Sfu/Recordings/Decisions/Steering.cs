using Sfu.Rooms;

namespace Sfu.Recordings.Decisions;

/// <summary>What hosts and the back end do to a recording. Pure; who may ask was checked before.</summary>
internal static class Steering
{
    /// <summary>Longest text of a pause, in characters.</summary>
    public const int MaxTextLength = 256;

    /// <summary>Most pauses of one recording at a time, besides the room's: as many as a room may have participants. They do not end with a leave.</summary>
    public const int MaxPauses = 512;

    /// <summary>Pauses a participant's identity or the room. The same again, also by another id of the identity, keeps its beginning.</summary>
    public static RecordingDecision Pause(RecordingState state, PauseSpan span, RoomActor by)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.NotLive;
        if (!Names.IsText(span.Text, MaxTextLength)) return RecordingDecision.Refuse(RoomErrorCode.BadRequest, "text must be at most 256 characters of text.");
        if (span.Until is { } until && (until <= span.From || until - span.From > RecordingTimes.LongestPause))
            return RecordingDecision.Refuse(RoomErrorCode.BadRequest, "A pause that ends by itself lasts 1 ms to 24 hours.");
        PauseSpan? old = state.Pauses.FirstOrDefault(pause => pause.IsOf(span.Participant, span.Identity));
        if (old is null && span.Participant is not null && state.Pauses.Count >= MaxPauses) return RecordingDecision.Refuse(RoomErrorCode.Limit, "There are too many pauses: end some, or pause the room.");
        if (old is not null) span = span with { Participant = old.Participant, From = old.From };
        return span == old ? RecordingDecision.Nothing : RecordingDecision.Do(new RecordingPaused(span, by));
    }

    /// <summary>Ends the pause of the room, or of an identity; nothing when there is none.</summary>
    /// <param name="state">The recording.</param>
    /// <param name="participant">Any id that the identity has or had in this recording; null = the room's.</param>
    /// <param name="identity">Its identity; null when the recording never saw this id.</param>
    /// <param name="by">Who.</param>
    public static RecordingDecision Resume(RecordingState state, ParticipantId? participant, string? identity, RoomActor by)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.NotLive;
        PauseSpan[] paused = [.. state.Pauses.Where(pause => pause.IsOf(participant, identity))];
        return paused.Length == 0 && participant is not null && identity is null
            ? RecordingDecision.NoParticipant
            : RecordingDecision.Do([.. paused.Select(pause => Resumed(pause, by))]);
    }

    /// <summary>The event of a pause's end.</summary>
    public static RecordingResumed Resumed(PauseSpan pause, RoomActor by) => new(pause.Participant, by, pause.Identity);

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
