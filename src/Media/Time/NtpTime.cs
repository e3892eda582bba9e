namespace Sfu.Media.Time;

/// <summary>An NTP time stamp: seconds since 1900 in the upper, their fraction in the lower 32 bits (RFC 5905 section 6).</summary>
public readonly record struct NtpTime(ulong Value)
{
    private const long UnixEpochSeconds = 2_208_988_800; // 1900-01-01 to 1970-01-01

    /// <summary>The middle 32 bits, as RTCP report blocks carry them (RFC 3550 section 6.4.1, LSR).</summary>
    public uint Middle32 => (uint)(Value >> 16);

    /// <summary>Makes a time stamp from nanoseconds since the Unix epoch.</summary>
    public static NtpTime FromUnixNanoseconds(long nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest);
        ulong fraction = ((ulong)rest << 32) / 1_000_000_000;
        return new NtpTime(((ulong)(seconds + UnixEpochSeconds) << 32) | fraction);
    }

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public long ToUnixNanoseconds()
    {
        long seconds = (long)(Value >> 32) - UnixEpochSeconds;
        long rest = (long)(((Value & 0xFFFF_FFFF) * 1_000_000_000) >> 32);
        return seconds * 1_000_000_000 + rest;
    }

    /// <summary>The time stamp <paramref name="span"/> later.</summary>
    public static NtpTime operator +(NtpTime time, TimeSpan span) => FromUnixNanoseconds(time.ToUnixNanoseconds() + span.Ticks * 100);
}
