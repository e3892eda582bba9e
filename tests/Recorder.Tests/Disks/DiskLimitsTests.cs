using CsCheck;
using Sfu.Recorder.Disk;

namespace Sfu.Recorder.Tests.Disks;

/// <summary>From where on a disk may be used for less, and when for more again.</summary>
public sealed class DiskLimitsTests
{
    private const long GiB = 1L << 30;
    private static readonly DiskLimits Limits = new(new(0.75, 64 * GiB), new(0.85, 32 * GiB), new(0.97, 4 * GiB));

    private static readonly Gen<DiskUse> Uses = Gen.Select(Gen.Double[0, 1], Gen.Long[1L << 20, 1L << 45], (fraction, size) => Use(fraction, size));
    private static readonly Gen<DiskLevel> Levels = Gen.Enum<DiskLevel>();
    private static readonly Gen<DiskLimits> Ordered = Gen.Select(Gen.Double[0.01, 1].Array[3], Gen.Long[0, 1L << 42].Array[3], (fractions, amounts) =>
    {
        Array.Sort(fractions);
        Array.Sort(amounts);
        return new DiskLimits(new(fractions[0], amounts[2]), new(fractions[1], amounts[1]), new(fractions[2], amounts[0]));
    });

    [Theory]
    [InlineData(100, 0.75, DiskLevel.Roomy)]
    [InlineData(100, 0.76, DiskLevel.NoDerivations)]
    [InlineData(100, 0.86, DiskLevel.NoNewRecordings)]
    [InlineData(100, 0.965, DiskLevel.NoNewRecordings)]
    [InlineData(100, 0.975, DiskLevel.Closed)]
    [InlineData(100, 1, DiskLevel.Closed)]
    [InlineData(10_000, 0.98, DiskLevel.Roomy)]                // 200 GiB are free: hours of recording
    [InlineData(10_000, 0.9995, DiskLevel.NoNewRecordings)]    // 5 GiB
    [InlineData(10_000, 0.9997, DiskLevel.Closed)]             // 3 GiB
    [InlineData(900, 0.91, DiskLevel.Roomy)]                   // a developer's machine with 81 GiB free
    [InlineData(2, 0.5, DiskLevel.Roomy)]                      // little is free, but as much as is taken
    public void At_ShareAndAmount_BothMustBePassed(long gibibytes, double fraction, DiskLevel expected) =>
        Assert.Equal(expected, Limits.At(Use(fraction, gibibytes * GiB), DiskLevel.Roomy));

    [Theory]
    [InlineData(100, 0.745, DiskLevel.NoDerivations)]
    [InlineData(100, 0.74, DiskLevel.Roomy)]
    [InlineData(1_000, 0.931, DiskLevel.NoDerivations)]        // 69 GiB: an eighth of the amount is 8
    [InlineData(1_000, 0.92, DiskLevel.Roomy)]                 // 80
    public void At_LevelThatHolds_IsLeftALittleBelow(long gibibytes, double fraction, DiskLevel expected) =>
        Assert.Equal(expected, Limits.At(Use(fraction, gibibytes * GiB), DiskLevel.NoDerivations));

    [Fact]
    public void At_Never_IsAlwaysRoomy() => Gen.Select(Uses, Levels).Sample((use, previous) => DiskLimits.Never.At(use, previous) == DiskLevel.Roomy);

    [Fact]
    public void At_FileSystemWithoutASize_IsRoomy() => Assert.Equal(DiskLevel.Roomy, Limits.At(new DiskUse(0, 0), DiskLevel.Roomy));

    [Fact]
    public void At_AskedTwice_SaysTheSame() => Gen.Select(Ordered, Uses, Levels).Sample((limits, use, previous) =>
    {
        DiskLevel once = limits.At(use, previous);
        return limits.At(use, once) == once;
    });

    [Fact]
    public void At_HigherLevelBefore_IsNeverALowerOneNow() => Gen.Select(Ordered, Uses, Levels, Levels).Sample((limits, use, one, other) =>
        one > other || limits.At(use, one) <= limits.At(use, other));

    [Fact]
    public void At_FullerDisk_IsNeverALowerLevel() => Gen.Select(Ordered, Gen.Long[1L << 20, 1L << 45], Gen.Double[0, 1].Array[2], Levels).Sample((limits, size, fractions, previous) =>
    {
        Array.Sort(fractions);
        return limits.At(Use(fractions[0], size), previous) <= limits.At(Use(fractions[1], size), previous);
    });

    [Fact]
    public void At_LevelThatWasLeft_BeginsAgainOnlyAfterAWhile() => Gen.Select(Ordered, Gen.Long[1L << 20, 1L << 45], Gen.Double[0, 1], Levels).Sample((limits, size, fraction, previous) =>
    {
        DiskLevel left = limits.At(Use(fraction, size), previous);
        // Half of the slack on top: not enough for a level that was just left.
        double smallest = new[] { limits.NoDerivations, limits.NoNewRecordings, limits.Closed }.Min(limit => Math.Min(DiskLimit.Slack, limit.FreeBytes / 8.0 / size));
        return left >= previous || limits.At(Use(Math.Min(1, fraction + (smallest / 2)), size), left) < previous;
    });

    [Fact]
    public void At_AmountsNearTheGreatest_DoNotOverflow()
    {
        var limit = new DiskLimit(0.5, long.MaxValue);
        Assert.True(limit.Holds(new DiskUse(long.MaxValue, long.MaxValue / 2), held: true));
        Assert.False(limit.Holds(new DiskUse(long.MaxValue / 4, long.MaxValue / 2), held: true));
    }

    private static DiskUse Use(double fraction, long size)
    {
        long used = (long)(fraction * size);
        return new DiskUse(used, size - used);
    }
}
