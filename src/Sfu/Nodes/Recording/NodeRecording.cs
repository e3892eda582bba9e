using Sfu.Recordings;

namespace Sfu.Nodes.Recording;

/// <summary>The answer to an order: it records, or why it does not.</summary>
/// <param name="Started">What began; null when refused.</param>
/// <param name="Refused">Why it cannot record; null when it does.</param>
public sealed record NodeRecordingStart(NodeRecordingStarted? Started, RecordingCause? Refused)
{
    /// <summary>It records.</summary>
    public static NodeRecordingStart Of(NodeRecordingStarted started) => new(started, null);

    /// <summary>It does not record.</summary>
    public static NodeRecordingStart No(RecordingCause cause) => new(null, cause);
}

/// <summary>The first bytes of a recording are durable.</summary>
/// <param name="StartedAt">From when on media is in the journal; of a recording that went on, from its first beginning.</param>
/// <param name="Folder">Its evidence, an absolute path.</param>
/// <param name="Interruption">What was not recorded before it went on; null when nothing was open before.</param>
public sealed record NodeRecordingStarted(DateTimeOffset StartedAt, string Folder, NodeInterruption? Interruption = null);

/// <summary>A time in which nothing was recorded.</summary>
/// <param name="From">Time of the last durable record.</param>
/// <param name="To">Time of the first one after it.</param>
public sealed record NodeInterruption(DateTimeOffset From, DateTimeOffset To);

/// <summary>A recording is sealed: its last segment is signed and nothing of it follows.</summary>
public sealed record NodeRecordingStopped
{
    /// <summary>When the first media was recorded.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the last was.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Its evidence, an absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>SHA-256 of the sealed manifest, lower-case hexadecimal.</summary>
    public required string ManifestHash { get; init; }

    /// <summary>True when the end was made by recovery.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Stretches that are missing although they were sent (docs/evidence.md section 6: wire_loss, ice_disconnect, recorder_fault).</summary>
    public int Gaps { get; init; }

    /// <summary>Their length together.</summary>
    public TimeSpan Missing { get; init; }

    /// <summary>0 to 100 (RECORDING.md section 6); null when nothing can be said, such as without any media.</summary>
    public double? Score { get; init; }

    /// <summary>Bytes of the segments.</summary>
    public long Bytes { get; init; }

    /// <summary>Tracks that were recorded.</summary>
    public int Tracks { get; init; }
}

/// <summary>How the node sees a recording.</summary>
[GenerateSerializer]
public enum NodeRecordingState
{
    /// <summary>The node has nothing of it in memory: it was never started here, or was stopped. The write-ahead log may still know it.</summary>
    Unknown,

    /// <summary>Recorded, and the lease is fresh.</summary>
    Active,

    /// <summary>The recorder has a fault, and nothing is held or lost yet.</summary>
    Degraded,

    /// <summary>The lease is stale: nothing is recorded; under <see cref="RecordingPolicy.Required"/> nothing is forwarded either.</summary>
    Suspended,

    /// <summary>The recorder gave it up; <see cref="IRecordingNode.StopAsync"/> seals what there is.</summary>
    Failed,
}

/// <summary>How a recording is, at one moment.</summary>
/// <param name="State">The state.</param>
/// <param name="Cause">Why it is not active; null while it is.</param>
[GenerateSerializer, Immutable]
public sealed record NodeRecordingHealth(NodeRecordingState State, RecordingCause? Cause = null);
