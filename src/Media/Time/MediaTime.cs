namespace Sfu.Media.Time;

/// <summary>A point on the monotonic clock that drives all media code, in nanoseconds from an arbitrary start.</summary>
/// <remarks>Only the owner of a clock (a media worker, a simulation) makes new values; everything else is told the time.</remarks>
/// <param name="Nanoseconds">Nanoseconds since the clock's start; never negative except for <c>default</c> arithmetic.</param>
public readonly record struct MediaTime(long Nanoseconds) : IComparable<MediaTime>
{
    /// <summary>Later than every deadline: "do not ask again".</summary>
    public static MediaTime Never => new(long.MaxValue);

    /// <summary>The start of the clock.</summary>
    public static MediaTime Zero => default;

    /// <summary>True when this is <see cref="Never"/>.</summary>
    public bool IsNever => Nanoseconds == long.MaxValue;

    /// <summary>A time that many seconds after the clock's start.</summary>
    public static MediaTime FromSeconds(double seconds) => new((long)(seconds * 1e9));

    /// <summary>A time that many milliseconds after the clock's start.</summary>
    public static MediaTime FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    /// <summary>Milliseconds since the clock's start, rounded down.</summary>
    public long Milliseconds => Nanoseconds / 1_000_000;

    /// <summary>The earlier of two times.</summary>
    public static MediaTime Min(MediaTime a, MediaTime b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    /// <summary>The later of two times.</summary>
    public static MediaTime Max(MediaTime a, MediaTime b) => a.Nanoseconds >= b.Nanoseconds ? a : b;

    /// <inheritdoc/>
    public int CompareTo(MediaTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The time <paramref name="span"/> (100 ns resolution) later; <see cref="Never"/> stays.</summary>
    public static MediaTime operator +(MediaTime time, TimeSpan span) => time.IsNever ? time : new(time.Nanoseconds + span.Ticks * 100);

    /// <summary>The time <paramref name="span"/> earlier; <see cref="Never"/> stays.</summary>
    public static MediaTime operator -(MediaTime time, TimeSpan span) => time.IsNever ? time : new(time.Nanoseconds - span.Ticks * 100);

    /// <summary>The span between two times, 100 ns resolution.</summary>
    public static TimeSpan operator -(MediaTime later, MediaTime earlier) => new((later.Nanoseconds - earlier.Nanoseconds) / 100);

    /// <summary>True when <paramref name="a"/> is before <paramref name="b"/>.</summary>
    public static bool operator <(MediaTime a, MediaTime b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is after <paramref name="b"/>.</summary>
    public static bool operator >(MediaTime a, MediaTime b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is not after <paramref name="b"/>.</summary>
    public static bool operator <=(MediaTime a, MediaTime b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is not before <paramref name="b"/>.</summary>
    public static bool operator >=(MediaTime a, MediaTime b) => a.Nanoseconds >= b.Nanoseconds;

    /// <inheritdoc/>
    public override string ToString() => IsNever ? "never" : $"{Nanoseconds / 1e6:F3} ms";
}
