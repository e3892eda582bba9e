namespace Sfu.Observability;

/// <summary>Lets one of many equal log entries through per interval, so that a full disk does not fill the log as well.</summary>
/// <param name="time">The clock.</param>
/// <param name="interval">At most one entry in this time.</param>
/// <remarks>Safe on any thread.</remarks>
internal sealed class LogLimiter(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _gate = new();
    private long? _lastAt;
    private long _leftOut;

    /// <summary>True when an entry may be written now.</summary>
    /// <param name="leftOut">How many were not since the last one; to be told in this one.</param>
    public bool TryTake(out long leftOut)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            leftOut = _leftOut;
            if (_lastAt is { } last && time.GetElapsedTime(last, now) < interval)
            {
                _leftOut++;
                return false;
            }

            _lastAt = now;
            _leftOut = 0;
            return true;
        }
    }
}
