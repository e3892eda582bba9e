using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>Says that the opening of a recording is on the disk: to who waits for it, and to who lays out its folder.</summary>
internal sealed class DurableSignal(TaskCompletionSource<bool> completion, ISegmentQueue segments, RecordingInfo recording) : IFrameOwner
{
    /// <inheritdoc/>
    public void OnDurable(WalFrame frame)
    {
        segments.Opened(recording);
        completion.TrySetResult(true);
    }
}
