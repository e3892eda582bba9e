namespace Sfu.Media.Rtp;

/// <summary>32-bit RTP media time stamp in units of the codec's clock; ordered by serial arithmetic (RFC 1982).</summary>
public readonly record struct RtpTimestamp(uint Value)
{
    /// <summary>Clock ticks from <paramref name="older"/> to this one; negative when this one is older.</summary>
    public int DistanceFrom(RtpTimestamp older) => (int)(Value - older.Value);

    /// <summary>The time stamp <paramref name="ticks"/> later, modulo 2^32.</summary>
    public RtpTimestamp Add(int ticks) => new(unchecked(Value + (uint)ticks));
}
