using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>A recorder in memory that keeps the promises of <see cref="IRecordingNode"/>; its write-ahead log survives <see cref="Crash"/>.</summary>
internal sealed class FakeRecorder(TimeProvider time) : IRecordingNode
{
    private readonly HashSet<Guid> _wal = [];

    public RecordingCause? Unavailable { get; set; }

    /// <summary>Starts are refused so.</summary>
    public RecordingCause? Refuses { get; set; }

    /// <summary>Commands throw.</summary>
    public bool Fails { get; set; }

    /// <summary>Starts never answer.</summary>
    public bool Hangs { get; set; }

    /// <summary>Looked at before each command: what was ordered must be durable.</summary>
    public Action<string, Guid> OnCommand { get; set; } = (_, _) => { };

    public Dictionary<Guid, NodeRecordingHealth> Running { get; } = [];

    public Dictionary<Guid, HashSet<string>> Masks { get; } = [];

    public List<RecordingOrder> Orders { get; } = [];

    public List<PauseOrder> Pauses { get; } = [];

    public List<(Guid Recording, RecordingEndReason Reason)> Stopped { get; } = [];

    public List<RecordedParticipant> Participants { get; } = [];

    public List<LoggedEvent> RoomEvents { get; } = [];

    public List<(ParticipantId? From, string Frame)> Data { get; } = [];

    /// <summary>The process ends without order.</summary>
    public void Crash()
    {
        Running.Clear();
        Masks.Clear();
    }

    public async Task<NodeRecordingStart> StartAsync(RecordingOrder order, CancellationToken cancellation)
    {
        Guid id = order.Fence.Recording;
        OnCommand("start", id);
        if (Hangs) await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        if (Fails) throw new IOException("the disk is gone");
        if ((Refuses ?? Unavailable) is { } cause) return NodeRecordingStart.No(cause);
        Orders.Add(order);
        bool wasOpen = _wal.Contains(id) && !Running.ContainsKey(id);
        _wal.Add(id);
        Running[id] = new NodeRecordingHealth(NodeRecordingState.Active);
        Masks[id] = [.. order.Pauses.Select(pause => pause.Participant?.Value ?? "")];
        DateTimeOffset now = time.GetUtcNow();
        return NodeRecordingStart.Of(new NodeRecordingStarted(now, $"/evidence/{id}", wasOpen ? new NodeInterruption(now.AddSeconds(-1), now) : null));
    }

    public Task PauseAsync(RecordingFence recording, PauseOrder order, CancellationToken cancellation)
    {
        OnCommand("pause", recording.Recording);
        if (Fails) throw new IOException("stuck");
        Pauses.Add(order);
        Masks.GetValueOrDefault(recording.Recording)?.Add(order.Participant?.Value ?? "");
        return Task.CompletedTask;
    }

    public Task ResumeAsync(RecordingFence recording, ParticipantId? participant, CancellationToken cancellation)
    {
        OnCommand("resume", recording.Recording);
        if (Fails) throw new IOException("stuck");
        Masks.GetValueOrDefault(recording.Recording)?.Remove(participant?.Value ?? "");
        return Task.CompletedTask;
    }

    public Task SetPolicyAsync(RecordingFence recording, RecordingPolicy policy, CancellationToken cancellation) => Task.CompletedTask;

    public Task<NodeRecordingStopped?> StopAsync(RecordingFence recording, RecordingEndReason reason, CancellationToken cancellation)
    {
        OnCommand("stop", recording.Recording);
        if (Fails) throw new IOException("stuck");
        Running.Remove(recording.Recording);
        Stopped.Add((recording.Recording, reason));
        if (!_wal.Remove(recording.Recording)) return Task.FromResult<NodeRecordingStopped?>(null);
        return Task.FromResult<NodeRecordingStopped?>(new NodeRecordingStopped
        {
            StartedAt = time.GetUtcNow(),
            EndedAt = time.GetUtcNow(),
            Folder = $"/evidence/{recording.Recording}",
            ManifestHash = "ab",
            Score = 99.5,
            Gaps = 1,
            Bytes = 10,
            Tracks = 2,
        });
    }

    public NodeRecordingHealth HealthOf(Guid recording) => Running.GetValueOrDefault(recording) ?? new NodeRecordingHealth(NodeRecordingState.Unknown, RecordingCause.RecorderDown);

    public Task<IReadOnlyList<OpenRecording>> RecoverAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<OpenRecording>>([.. _wal.Select(id => new OpenRecording(id, RecordingRig.Key))]);

    public void SetParticipants(RoomFence room, IReadOnlyList<RecordedParticipant> participants) => Participants.AddRange(participants);

    /// <summary>Workers do not answer.</summary>
    public bool IsUnsettled { get; set; }

    public Task SettleAsync(RoomKey room, CancellationToken cancellation) => IsUnsettled ? Task.FromException(new TimeoutException()) : Task.CompletedTask;

    public void OnRoomEvent(RoomFence room, LoggedEvent entry) => RoomEvents.Add(entry);

    public void OnData(RoomKey room, ParticipantId? from, ReadOnlyMemory<byte> frame) => Data.Add((from, System.Text.Encoding.UTF8.GetString(frame.Span)));
}
