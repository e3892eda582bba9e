using Sfu.Recorder.Disk;

namespace Sfu.Configuration;

/// <summary>How full recordings may make the disk: section <c>Sfu:Recording:Disk</c>. A limit is passed when more than the share is taken
/// and less than the amount is free.</summary>
public sealed class RecordingDiskOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Recording:Disk";

    /// <summary>Share of the disk that may be taken while playable files are made. 0.01 to 1, 1 = no limit; default 0.75.</summary>
    public double NoDerivationsAbove { get; set; } = 0.75;

    /// <summary>Playable files are made with so many bytes free, whatever share is taken. 0 to 1152921504606846976; default 64 GiB.</summary>
    public long NoDerivationsBelow { get; set; } = 64L << 30;

    /// <summary>Share of the disk that may be taken while recordings begin. <see cref="NoDerivationsAbove"/> to 1, 1 = no limit; default 0.85.</summary>
    public double NoNewRecordingsAbove { get; set; } = 0.85;

    /// <summary>Recordings begin with so many bytes free, whatever share is taken. 0 to <see cref="NoDerivationsBelow"/>, 1152921504606846976 at most; default 32 GiB.</summary>
    public long NoNewRecordingsBelow { get; set; } = 32L << 30;

    /// <summary>Share of the disk that may be taken while anything is recorded; beyond it recordings end, and the rest of the disk is for that.
    /// <see cref="NoNewRecordingsAbove"/> to 1, 1 = no limit; default 0.97.</summary>
    public double ClosedAbove { get; set; } = 0.97;

    /// <summary>Recordings go on with so many bytes free, whatever share is taken. 0 to <see cref="NoNewRecordingsBelow"/>; default 4 GiB.</summary>
    public long ClosedBelow { get; set; } = 4L << 30;

    /// <summary>The limits.</summary>
    internal DiskLimits Limits => new(
        new DiskLimit(NoDerivationsAbove, NoDerivationsBelow), new DiskLimit(NoNewRecordingsAbove, NoNewRecordingsBelow), new DiskLimit(ClosedAbove, ClosedBelow));
}
