using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings.Decisions;

/// <summary>What the recorder and time do to a recording. Pure: told the time, asks nobody.</summary>
internal static class Progress
{
    /// <summary>The recorder answered an order to begin or to go on.</summary>
    public static RecordingDecision Started(RecordingState state, NodeRecordingStart answer)
    {
        bool waits = state.Phase is RecordingPhase.Arming or RecordingPhase.Recovering or RecordingPhase.Suspended;
        if (!waits) return RecordingDecision.Nothing;
        if (answer.Started is { } started)
            return RecordingDecision.Do(new RecordingStarted(started.StartedAt, started.Folder, started.Interruption?.From, started.Interruption?.To));
        RecordingCause cause = answer.Refused ?? RecordingCause.Internal;
        return state.Phase switch
        {
            RecordingPhase.Arming => RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Refused, cause)),
            RecordingPhase.Recovering => RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Suspended, cause)),
            _ => RecordingDecision.Nothing,
        };
    }

    /// <summary>The recorder said how it is.</summary>
    public static RecordingDecision Health(RecordingState state, NodeRecordingHealth health)
    {
        RecordingCause cause = health.Cause ?? RecordingCause.Internal;
        switch (state.Phase, health.State)
        {
            case (RecordingPhase.Active, NodeRecordingState.Degraded):
                return RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Degraded, cause));
            case (RecordingPhase.Degraded or RecordingPhase.Suspended, NodeRecordingState.Active):
                return RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Active));
            case (RecordingPhase.Active or RecordingPhase.Degraded, NodeRecordingState.Suspended or NodeRecordingState.Unknown):
            case (RecordingPhase.Active or RecordingPhase.Degraded, NodeRecordingState.Failed) when state.Policy == RecordingPolicy.Required:
                return RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Suspended, cause));
            case (RecordingPhase.Active or RecordingPhase.Degraded or RecordingPhase.Suspended, NodeRecordingState.Failed) when state.Policy != RecordingPolicy.Required:
                return RecordingDecision.Do(Steering.End(RecordingEndReason.Failed, cause, RoomActor.Server));
            default:
                return RecordingDecision.Nothing;
        }
    }

    /// <summary>The owner is active anew: what another process recorded was interrupted.</summary>
    public static RecordingDecision Awoken(RecordingState state, string node)
    {
        if (!RecordingPhases.IsOpen(state.Phase) || state.Node == node) return RecordingDecision.Nothing;
        var recovering = new RecordingPhaseChanged(RecordingPhase.Recovering, RecordingCause.NodeLost, node);
        return state.Phase switch
        {
            RecordingPhase.Interrupted => RecordingDecision.Do(recovering),
            // The process that was to continue it ended too.
            RecordingPhase.Recovering => RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Suspended, RecordingCause.NodeLost),
                new RecordingPhaseChanged(RecordingPhase.Interrupted, RecordingCause.NodeLost), recovering),
            RecordingPhase.Requested => RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Arming, null, node)),
            _ => RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Interrupted, RecordingCause.NodeLost), recovering),
        };
    }

    /// <summary>What time alone brings: pauses that end, a call that was held for too long, a room that never opened or is over.</summary>
    /// <param name="state">The recording.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="held">How long the media is held by the monotonic clock of this activation.</param>
    /// <param name="isRoomOver">The room's log says that it closed.</param>
    public static RecordingDecision Overdue(RecordingState state, DateTimeOffset now, TimeSpan held, bool isRoomOver)
    {
        if (!RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.Nothing;
        if (isRoomOver) return RecordingDecision.Do(Steering.End(RecordingEndReason.RoomClosed, state.Cause, RoomActor.Server));
        if (!state.RoomSeen && now - state.RequestedAt > RecordingTimes.RoomUnseen)
            return RecordingDecision.Do(Steering.End(RecordingEndReason.Abandoned, state.Cause, RoomActor.Server));
        if (state.Policy == RecordingPolicy.Required && state.SuspendedSince is not null && held >= RecordingTimes.HeldMost)
            return RecordingDecision.Do(Steering.End(RecordingEndReason.RecordingUnavailable, state.Cause ?? RecordingCause.Internal, RoomActor.Server));
        return RecordingDecision.Do(
            [.. state.Pauses.Where(pause => pause.Until <= now).Select(pause => Steering.Resumed(pause, RoomActor.Server))]);
    }
}
