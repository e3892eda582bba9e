using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Nodes.Recording;
using Sfu.Recorder.Disk;

namespace Sfu.Tests.Nodes;

/// <summary>Disks that are as full as a test says.</summary>
internal sealed class FakeDiskSpace : IDiskSpace
{
    private const long Size = 1L << 30;
    private volatile Func<string, double> _taken = _ => 0;

    /// <summary>Limits of 75, 85 and 97 %, whatever amount that is.</summary>
    public static RecordingDiskOptions Limits => new() { NoDerivationsBelow = 1L << 60, NoNewRecordingsBelow = 1L << 60, ClosedBelow = 1L << 60 };

    /// <summary>The share that is taken of the disk of a folder, or throws, or waits.</summary>
    public Func<string, double> Taken
    {
        get => _taken;
        set => _taken = value;
    }

    /// <summary>Questions that were begun.</summary>
    public int Asked;

    /// <inheritdoc/>
    public DiskUse Measure(string folder)
    {
        Interlocked.Increment(ref Asked);
        long used = (long)(_taken(folder) * Size);
        return new DiskUse(used, Size - used);
    }

    /// <summary>A watch of this disk. It asks when it is started, and then each second of <paramref name="time"/>.</summary>
    public DiskWatch Watch(TimeProvider time, ILogger<DiskWatch> logger, RecordingDiskOptions? limits = null) =>
        new(this, Options.Create(new ServerOptions { DataDirectory = "/data" }), Options.Create(limits ?? Limits), time, logger);
}
