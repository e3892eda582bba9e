namespace Sfu.Recorder.Wal;

/// <summary>Who handed frames to the log.</summary>
internal interface IFrameOwner
{
    /// <summary>The frame is on the disk. Called on the recorder's thread, in the order of the frames.</summary>
    void OnDurable(WalFrame frame);
}
