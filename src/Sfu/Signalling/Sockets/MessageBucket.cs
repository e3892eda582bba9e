namespace Sfu.Signalling.Sockets;

/// <summary>A token bucket: so many at once, so many a second in the long run. Not thread-safe.</summary>
internal sealed class MessageBucket(int perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes one.</summary>
    /// <param name="wait">How long until there is one, when the result is false.</param>
    public bool TryTake(out TimeSpan wait)
    {
        long now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
        _filledAt = now;
        wait = TimeSpan.Zero;
        if (_tokens >= 1)
        {
            _tokens--;
            return true;
        }

        wait = TimeSpan.FromSeconds((1 - _tokens) / perSecond);
        return false;
    }
}
