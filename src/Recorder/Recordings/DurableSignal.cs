using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>Ends a task when a frame is on the disk.</summary>
internal sealed class DurableSignal(TaskCompletionSource<bool> completion) : IFrameOwner
{
    /// <inheritdoc/>
    public void OnDurable(WalFrame frame) => completion.TrySetResult(true);
}
