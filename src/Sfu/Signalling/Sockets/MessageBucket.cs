namespace Sfu.Signalling.Sockets;

/// <summary>A token bucket: so many at once, so many a second in the long run. Counts messages or bytes. Not thread-safe.</summary>
internal sealed class MessageBucket(int perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes one.</summary>
    /// <param name="wait">How long until there is one, when the result is false.</param>
    public bool TryTake(out TimeSpan wait) => TryTake(1, out wait);

    /// <summary>Takes some; what is more than the burst costs the burst.</summary>
    /// <param name="amount">How many.</param>
    /// <param name="wait">How long until there are so many, when the result is false.</param>
    public bool TryTake(int amount, out TimeSpan wait)
    {
        double cost = Math.Min(amount, burst);
        long now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
        _filledAt = now;
        wait = TimeSpan.Zero;
        if (_tokens >= cost)
        {
            _tokens -= cost;
            return true;
        }

        wait = TimeSpan.FromSeconds((cost - _tokens) / perSecond);
        return false;
    }
}
