using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>A process without a recorder: it says so, and holds nothing, because nothing can be started with it.</summary>
internal sealed class NoRecorder : IRecordingNode
{
    /// <inheritdoc/>
    public RecordingCause? Unavailable => RecordingCause.RecorderDown;

    /// <inheritdoc/>
    public Task<NodeRecordingStart> StartAsync(RecordingOrder order, CancellationToken cancellation) =>
        Task.FromResult(NodeRecordingStart.No(RecordingCause.RecorderDown));

    /// <inheritdoc/>
    public Task PauseAsync(RecordingFence recording, PauseOrder order, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task ResumeAsync(RecordingFence recording, ParticipantId? participant, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task SetPolicyAsync(RecordingFence recording, RecordingPolicy policy, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<NodeRecordingStopped?> StopAsync(RecordingFence recording, RecordingEndReason reason, CancellationToken cancellation) =>
        Task.FromResult<NodeRecordingStopped?>(null);

    /// <inheritdoc/>
    public NodeRecordingHealth HealthOf(Guid recording) => new(NodeRecordingState.Unknown, RecordingCause.RecorderDown);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenRecording>> RecoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<OpenRecording>>([]);

    /// <inheritdoc/>
    public void SetParticipants(RoomFence room, IReadOnlyList<RecordedParticipant> participants)
    {
    }

    /// <inheritdoc/>
    public Task SettleAsync(RoomKey room, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public void OnRoomEvent(RoomFence room, LoggedEvent entry)
    {
    }

    /// <inheritdoc/>
    public void OnData(RoomKey room, ParticipantId? from, ReadOnlyMemory<byte> frame)
    {
    }
}
