using Sfu.Media.Time;
using Sfu.Recorder.Files;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder;

/// <summary>How the recorder does, after one turn of its thread; any thread may read it.</summary>
public sealed record RecorderHealth
{
    /// <summary>When the turn began. One that is long ago says that the thread is stuck.</summary>
    public MediaTime At { get; init; }

    /// <summary>The recorder keeps up: the lease was renewed, unless the host holds it.</summary>
    public bool KeepsUp { get; init; }

    /// <summary>How long the oldest record that is not handed to the operating system has waited since its chunk was due.</summary>
    public TimeSpan WrittenLag { get; init; }

    /// <summary>Age of the oldest record that is not on the disk.</summary>
    public TimeSpan SyncedLag { get; init; }

    /// <summary>What the disk said last; none when the last sync ended well.</summary>
    public FileFailure LogFailure { get; init; }

    /// <summary>When it said so.</summary>
    public MediaTime LogFailureAt { get; init; }

    /// <summary>Failures of the log since the start.</summary>
    public long LogFailures { get; init; }

    /// <summary>Packets, reports and receipts that found no room; each is a hole.</summary>
    public long Refused { get; init; }

    /// <summary>Events that found no room.</summary>
    public long RefusedEvents { get; init; }

    /// <summary>Bytes in the rings.</summary>
    public long RingBytes { get; init; }

    /// <summary>Bytes in memory that are not on the disk.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Bytes on the disk since the start.</summary>
    public long DurableBytes { get; init; }

    /// <summary>Files of the log.</summary>
    public int LogFiles { get; init; }

    /// <summary>Files of the log that could not be read to their end at the start; they are kept.</summary>
    public int DamagedLogFiles { get; init; }

    /// <summary>Chunks on the disk that are in no signed segment.</summary>
    public long UnsealedChunks { get; init; }

    /// <summary>Segments that could not be written or signed, since the start; each is tried again.</summary>
    public long SegmentFailures { get; init; }

    /// <summary>The last of them; null when the last one went well.</summary>
    public SegmentResult? SegmentFailure { get; init; }

    /// <summary>Recordings that are open.</summary>
    public int Recordings { get; init; }

    /// <summary>Errors of the recorder itself, since the start: wrong code, not a wrong disk.</summary>
    public long Faults { get; init; }

    /// <summary>The last of them.</summary>
    public string? LastFault { get; init; }
}
