using Sfu.Nodes.Recording;
using Sfu.Recordings.Decisions;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>Gives the recorder its orders, each with a time-out, and remembers what it confirmed.</summary>
/// <remarks>One activation's; not thread-safe.</remarks>
internal sealed class RecorderOrders(RoomKey room, RecordingServices services)
{
    private readonly ILogger _logger = services.Loggers.CreateLogger<RecorderOrders>();
    private readonly Dictionary<string, PauseSpan> _masks = [];
    private readonly Dictionary<Guid, Task<NodeRecordingStopped?>> _seals = [];

    /// <summary>Begins, or goes on.</summary>
    /// <param name="state">The recording.</param>
    /// <param name="journal">Who takes part.</param>
    /// <param name="present">Those in the room, when the journal does not know them yet.</param>
    public async Task<NodeRecordingStart> StartAsync(RecordingState state, RecordingJournal journal, IReadOnlyList<RecordedParticipant>? present = null)
    {
        var order = new RecordingOrder
        {
            Fence = Fence(state, journal.Epoch),
            RoomId = state.RoomId,
            Policy = state.Policy,
            Consent = state.Consent,
            RequestedAt = state.RequestedAt,
            Continues = state.Phase != RecordingPhase.Arming,
            Participants = present ?? [.. journal.Present.Select(p => new RecordedParticipant(p.Id, p.Identity, p.Name, p.State))],
            Pauses = [.. state.Pauses.Select(ToOrder)],
        };
        using var patience = new CancellationTokenSource(RecordingTimes.Start, services.Time);
        try
        {
            NodeRecordingStart answer = await services.Recorder.StartAsync(order, patience.Token).WaitAsync(RecordingTimes.Start, services.Time);
            if (answer.Started is null) return answer;
            _masks.Clear();
            foreach (PauseSpan pause in state.Pauses) _masks[KeyOf(pause.Participant)] = pause;
            return answer;
        }
        catch (Exception e)
        {
            _logger.RecorderFailed(e, state.Id, "start");
            bool isLate = e is TimeoutException or OperationCanceledException;
            // One that never began must not go on by itself; one that was interrupted is asked again.
            if (!order.Continues) _ = UndoAsync(state, journal.Epoch);
            return NodeRecordingStart.No(isLate ? RecordingCause.Timeout : RecordingCause.Internal);
        }
    }

    /// <summary>Masks what is to be masked and ends what is not.</summary>
    /// <returns>False when the recorder has not confirmed all of it; ask again.</returns>
    public async Task<bool> MaskAsync(RecordingState state, long epoch)
    {
        bool all = true;
        foreach (PauseSpan pause in state.Pauses)
        {
            if (_masks.GetValueOrDefault(KeyOf(pause.Participant)) == pause) continue;
            if (await AskAsync(state.Id, "pause", cancellation => services.Recorder.PauseAsync(Fence(state, epoch), ToOrder(pause), cancellation)))
                _masks[KeyOf(pause.Participant)] = pause;
            else all = false;
        }

        foreach ((string key, PauseSpan mask) in _masks.ToArray())
        {
            if (state.Pauses.Any(pause => KeyOf(pause.Participant) == key)) continue;
            if (await AskAsync(state.Id, "resume", cancellation => services.Recorder.ResumeAsync(Fence(state, epoch), mask.Participant, cancellation)))
                _masks.Remove(key);
            else all = false;
        }

        return all;
    }

    /// <summary>Tells another policy.</summary>
    public Task<bool> SetPolicyAsync(RecordingState state, long epoch) =>
        AskAsync(state.Id, "policy", cancellation => services.Recorder.SetPolicyAsync(Fence(state, epoch), state.Policy, cancellation));

    /// <summary>Seals in the background: evidence of a long call takes longer than a call of a grain may.</summary>
    /// <returns>What it made, once it is there.</returns>
    public RecordingSealed? Seal(RecordingState state, long epoch)
    {
        if (!_seals.TryGetValue(state.Id, out Task<NodeRecordingStopped?>? seal))
        {
            _masks.Clear();
            _seals[state.Id] = seal = SealAsync(state, epoch);
        }

        if (!seal.IsCompleted) return null;
        _seals.Remove(state.Id);
        if (!seal.IsCompletedSuccessfully)
        {
            _logger.RecorderFailed(seal.Exception?.InnerException ?? new TimeoutException("cancelled"), state.Id, "stop");
            return null;
        }

        return seal.Result is { } stopped
            ? new RecordingSealed(RecordingFacts.From(stopped), stopped.StartedAt, stopped.EndedAt, stopped.Folder)
            : new RecordingSealed(RecordingFacts.Nothing, null, null, null);
    }

    private async Task<NodeRecordingStopped?> SealAsync(RecordingState state, long epoch)
    {
        using var patience = new CancellationTokenSource(RecordingTimes.Seal, services.Time);
        return await services.Recorder.StopAsync(Fence(state, epoch), state.EndReason ?? RecordingEndReason.Abandoned, patience.Token)
            .WaitAsync(RecordingTimes.Seal, services.Time);
    }

    private async Task UndoAsync(RecordingState state, long epoch)
    {
        try
        {
            using var patience = new CancellationTokenSource(RecordingTimes.Seal, services.Time);
            await services.Recorder.StopAsync(Fence(state, epoch), RecordingEndReason.Abandoned, patience.Token).WaitAsync(RecordingTimes.Seal, services.Time);
        }
        catch (Exception e)
        {
            _logger.RecorderFailed(e, state.Id, "undo");
        }
    }

    private async Task<bool> AskAsync(Guid recording, string command, Func<CancellationToken, Task> ask)
    {
        using var patience = new CancellationTokenSource(RecordingTimes.Command, services.Time);
        try
        {
            await ask(patience.Token).WaitAsync(RecordingTimes.Command, services.Time);
            return true;
        }
        catch (Exception e)
        {
            _logger.RecorderFailed(e, recording, command);
            return false;
        }
    }

    private RecordingFence Fence(RecordingState state, long epoch) => new(state.Id, room, epoch);

    private static PauseOrder ToOrder(PauseSpan pause) => new(pause.Participant, pause.Reason, pause.Text, pause.From, pause.Identity);

    private static string KeyOf(ParticipantId? participant) => participant?.Value ?? "";
}
