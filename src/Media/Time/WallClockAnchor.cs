namespace Sfu.Media.Time;

/// <summary>Says which wall-clock time a point of the monotonic clock is; read once by the clock's owner, then passed down.</summary>
/// <param name="At">A point of the monotonic clock.</param>
/// <param name="UnixNanoseconds">The wall clock at that point, nanoseconds since the Unix epoch.</param>
public readonly record struct WallClockAnchor(MediaTime At, long UnixNanoseconds)
{
    /// <summary>The wall-clock time of <paramref name="time"/>, nanoseconds since the Unix epoch.</summary>
    public long ToUnixNanoseconds(MediaTime time) => UnixNanoseconds + (time.Nanoseconds - At.Nanoseconds);

    /// <summary>The NTP time of <paramref name="time"/>, as sender reports carry it.</summary>
    public NtpTime ToNtp(MediaTime time) => NtpTime.FromUnixNanoseconds(ToUnixNanoseconds(time));
}
