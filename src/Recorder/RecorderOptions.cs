using Sfu.Media.Native;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder;

/// <summary>The recorder of one node.</summary>
public sealed record RecorderOptions
{
    /// <summary>Name of the node: letters, digits, dots and dashes. It names folders.</summary>
    public required string Node { get; init; }

    /// <summary>Folder of the write-ahead logs of all nodes; this one's is made in it.</summary>
    public required string WalFolder { get; init; }

    /// <summary>Bytes between one media worker and the recorder, a power of two. 64 KiB to 1 GiB; default 32 MiB.</summary>
    public int RingSize { get; init; } = 32 << 20;

    /// <summary>Sizes and times of the log.</summary>
    public WalOptions Wal { get; init; } = new();

    /// <summary>A chunk is sealed after this time at the latest: what is collected dies with the process. 20 to 250 ms; default 100 ms. Of the 300 ms
    /// that a kill may cost, the rest is left to a busy machine: for the thread's turn to come, and for a write (docs/adr/0006).</summary>
    public TimeSpan ChunkSpan { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two clock anchors. 1 s to 60 s; default 10 s.</summary>
    public TimeSpan AnchorInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the lease holds after a turn of the thread that kept up. 200 ms to 2 s; default 1 s.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A record may wait so long for being written, and after <see cref="WalOptions.SyncInterval"/> so long for being synced, before
    /// the lease ends. 500 ms to 5 s; default 1 s.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What its thread asks of the kernel beside the others; it runs with less where that is refused. Default: nothing.</summary>
    public ThreadPolicy Scheduling { get; init; } = ThreadPolicy.Normal;

    /// <summary>How long a call of the control plane waits for the recorder's thread. 1 s to 60 s; default 5 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
