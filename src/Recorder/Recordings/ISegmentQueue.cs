using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>Work for the segment thread. Called on the recorder's thread.</summary>
internal interface ISegmentQueue
{
    /// <summary>A recording began and is on the disk.</summary>
    void Opened(RecordingInfo recording);

    /// <summary>Queues a segment; false when the queue is full.</summary>
    bool TryAdd(OpenRecording recording, SegmentJob job);

    /// <summary>Queues a key for the vault; before any later segment.</summary>
    /// <param name="key">The key, durable in the log.</param>
    /// <param name="file">The file of the log that counts it.</param>
    void Store(WrappedKey key, WalFile file);
}
