using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>What the recordings of one recorder share.</summary>
/// <remarks>Owned by the recorder's thread.</remarks>
internal sealed class RecorderContext
{
    /// <summary>Time between two tries of a segment that could not be written or signed.</summary>
    internal static readonly TimeSpan SegmentRetry = TimeSpan.FromSeconds(2);

    /// <summary>The options.</summary>
    internal required RecorderOptions Options { get; init; }

    /// <summary>The node.</summary>
    internal string Node => Options.Node;

    /// <summary>Wraps keys.</summary>
    internal required IKeyEncryptionKey Kek { get; init; }

    /// <summary>The log.</summary>
    internal WalWriter Wal { get; set; } = null!;

    /// <summary>The segment thread.</summary>
    internal required ISegmentQueue Segments { get; init; }

    /// <summary>Both clocks, read anew before each anchor.</summary>
    internal ClockReading Clock { get; set; }

    /// <summary>Room for a side index.</summary>
    internal byte[] IndexRoom { get; } = new byte[ChunkFormat.MaxIndex];
}
