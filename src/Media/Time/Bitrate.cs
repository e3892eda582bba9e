namespace Sfu.Media.Time;

/// <summary>A bit rate in bits per second.</summary>
public readonly record struct Bitrate(long BitsPerSecond) : IComparable<Bitrate>
{
    /// <summary>A rate of that many thousand bits per second.</summary>
    public static Bitrate FromKilobits(long kilobits) => new(kilobits * 1000);

    /// <inheritdoc/>
    public int CompareTo(Bitrate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);

    /// <summary>True when <paramref name="a"/> is lower.</summary>
    public static bool operator <(Bitrate a, Bitrate b) => a.BitsPerSecond < b.BitsPerSecond;

    /// <summary>True when <paramref name="a"/> is higher.</summary>
    public static bool operator >(Bitrate a, Bitrate b) => a.BitsPerSecond > b.BitsPerSecond;

    /// <summary>True when <paramref name="a"/> is not higher.</summary>
    public static bool operator <=(Bitrate a, Bitrate b) => a.BitsPerSecond <= b.BitsPerSecond;

    /// <summary>True when <paramref name="a"/> is not lower.</summary>
    public static bool operator >=(Bitrate a, Bitrate b) => a.BitsPerSecond >= b.BitsPerSecond;

    /// <inheritdoc/>
    public override string ToString() => $"{BitsPerSecond / 1000.0:F1} kbps";
}
