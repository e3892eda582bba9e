using Sfu.Media.Time;

namespace Sfu.Router.Producers;

/// <summary>A token bucket of half a second that what is let through may overdraw by one frame.</summary>
/// <remarks>Owned by one producer or transport; told the time.</remarks>
/// <param name="rate">What flows in; 0 or less for no limit.</param>
internal sealed class IngressBucket(Bitrate rate)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly long _depth = rate.BitsPerSecond / 2; // bits: a key frame may come at once
    private long _bits = rate.BitsPerSecond / 2;
    private MediaTime _filledAt;

    /// <summary>More than a share of it is left, so a frame may begin.</summary>
    /// <param name="now">The time.</param>
    /// <param name="reserve">The share that is kept for others, 0 to 1.</param>
    internal bool IsOpen(MediaTime now, double reserve)
    {
        if (_depth <= 0) return true;
        long elapsed = Math.Min(now.Nanoseconds - _filledAt.Nanoseconds, NanosecondsPerSecond);
        long gained = elapsed * rate.BitsPerSecond / NanosecondsPerSecond;
        if (gained > 0)
        {
            _bits = Math.Min(_bits + gained, _depth);
            _filledAt = now;
        }

        return _bits > reserve * _depth;
    }

    /// <summary>Takes what was let through.</summary>
    internal void Take(int bytes) => _bits = Math.Max(_bits - bytes * 8L, -_depth);
}
