namespace Sfu.Recorder.Wal;

/// <summary>The write-ahead log of one node.</summary>
public sealed record WalOptions
{
    /// <summary>How long what was written may wait for the disk. 250 ms to 5 s; default 1 s.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of one file, allocated when it is made. 256 KiB to 1 GiB; default 256 MiB.</summary>
    public long FileSize { get; init; } = 256L << 20;

    /// <summary>Bytes that are kept in memory until they are synced; beyond, nothing is taken from the taps. 4 MiB to 1 GiB; default 64 MiB.</summary>
    public long MaxPending { get; init; } = 64L << 20;

    /// <summary>Waits between tries to make a new file after a failure: the first one, doubled up to 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(100);
}
