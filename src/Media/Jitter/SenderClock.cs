using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>The sender's clock as seen here: when a frame with a time stamp would be complete if it took as long as the fastest of late.</summary>
/// <remarks>The lowest delay in each of a ring of windows, over all of them: jitter only ever delays, so the lowest delays lie on the line
/// of the clock, and windows that pass let it follow a clock that runs faster or slower.</remarks>
/// <param name="clockRate">RTP clock in Hz.</param>
internal sealed class SenderClock(int clockRate)
{
    private const int Windows = 10;
    private const long WindowNanoseconds = 1_000_000_000;
    private const long Restart = 5_000_000_000;        // a delay that differs by more is another clock
    private readonly long[] _lowest = new long[Windows];
    private long _originTimestamp;
    private MediaTime _originTime;
    private long _window = -1;

    /// <summary>Takes a complete frame.</summary>
    public void Update(long timestamp, MediaTime completeAt)
    {
        long delay = _window < 0 ? 0 : DelayOf(timestamp, completeAt);
        if (_window < 0 || Math.Abs(delay - Lowest()) > Restart)
        {
            (_originTimestamp, _originTime) = (timestamp, completeAt);
            Array.Fill(_lowest, long.MaxValue);
            _window = 0;
            delay = 0;
        }
        long window = Math.Max((completeAt.Nanoseconds - _originTime.Nanoseconds) / WindowNanoseconds, _window);
        if (window - _window >= Windows) Array.Fill(_lowest, long.MaxValue);
        else for (long i = _window + 1; i <= window; i++) _lowest[i % Windows] = long.MaxValue;
        _window = window;
        ref long lowest = ref _lowest[window % Windows];
        lowest = Math.Min(lowest, delay);
    }

    /// <summary>When a frame would be complete at the lowest delay; the start of the clock before the first frame.</summary>
    public MediaTime TimeOf(long timestamp) => _window < 0 ? MediaTime.Zero : new(_originTime.Nanoseconds + MediaOf(timestamp) + Lowest());

    private long DelayOf(long timestamp, MediaTime completeAt) => completeAt.Nanoseconds - _originTime.Nanoseconds - MediaOf(timestamp);

    private long MediaOf(long timestamp) => (long)((timestamp - _originTimestamp) * (1e9 / clockRate));

    private long Lowest()
    {
        long lowest = long.MaxValue;
        foreach (long window in _lowest) lowest = Math.Min(lowest, window);
        return lowest;
    }
}
