using Sfu.Recorder.Keys;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>Sends a key to the vault once its frame is on the disk; until it is there, the file of the log stays.</summary>
internal sealed class KeyFrameOwner(ISegmentQueue queue, WrappedKey key) : IFrameOwner
{
    /// <inheritdoc/>
    public void OnDurable(WalFrame frame)
    {
        frame.File!.UnvaultedKeys++;
        queue.Store(key, frame.File);
    }
}
