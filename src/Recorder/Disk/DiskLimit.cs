namespace Sfu.Recorder.Disk;

/// <summary>When a level of the disk begins: where a share is taken and less than an amount is free, both at once (docs/adr/0007).</summary>
/// <param name="Fraction">Share of the file system that may be taken, 0 to 1; 1 = the level never begins.</param>
/// <param name="FreeBytes">With so much free it does not begin, whatever share that is; 0 = never.</param>
public readonly record struct DiskLimit(double Fraction, long FreeBytes)
{
    /// <summary>How far below the limit a level that holds is left, as a share of the file system: without it the level would flap.</summary>
    public const double Slack = 0.01;

    /// <summary>The level never begins.</summary>
    public static DiskLimit Never => new(1, 0);

    /// <summary>The level never begins.</summary>
    public bool IsNever => Fraction >= 1 || FreeBytes <= 0;

    /// <summary>True while the level holds.</summary>
    /// <param name="use">How full the file system is.</param>
    /// <param name="held">It held before: it is left only <see cref="Slack"/> below the share, or with that much more free. Where the disk is
    /// large, with an eighth more than the amount: one hundredth of 10 TB would be many times the 4 GiB at which it closes.</param>
    public bool Holds(DiskUse use, bool held)
    {
        if (IsNever) return false;
        if (!held) return use.Fraction > Fraction && use.Free < FreeBytes;
        double more = Math.Min(Slack * use.Size, FreeBytes / 8.0);
        return use.Fraction > Fraction - Slack && use.Free - more < FreeBytes;
    }
}
