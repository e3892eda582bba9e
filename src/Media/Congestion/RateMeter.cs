using Sfu.Media.Time;

namespace Sfu.Media.Congestion;

/// <summary>The rate of something whose sum is looked at now and then: its mean over about a second.</summary>
/// <remarks>Owned by one transport; told the time. Before the start there was nothing: what begins with much at once does not look fast. How
/// often it is looked at hardly matters: each look weighs as much as the time since the last one.</remarks>
public struct RateMeter
{
    private const double Window = 1e9;                     // nanoseconds

    private double _bitsPerSecond;
    private MediaTime _at;
    private long _bytes;

    /// <summary>The rate at the last look.</summary>
    public readonly Bitrate Rate => new((long)_bitsPerSecond);

    /// <summary>Begins anew.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">The sum so far.</param>
    public void Start(MediaTime now, long bytes) => this = new RateMeter { _at = now, _bytes = bytes };

    /// <summary>Looks at the sum.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">The sum; it never falls.</param>
    /// <returns>What came since the last look.</returns>
    public long Look(MediaTime now, long bytes)
    {
        double elapsed = now.Nanoseconds - _at.Nanoseconds;
        if (elapsed <= 0) return 0;
        long more = bytes - _bytes;
        double weight = Math.Min(1, elapsed / Window);
        _bitsPerSecond += (more * 8 * Window / elapsed - _bitsPerSecond) * weight;
        _bytes = bytes;
        _at = now;
        return more;
    }
}
