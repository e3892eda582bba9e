namespace Sfu.Router.Producers;

/// <summary>What to add to one sender's wall clock to get ours, from its sender reports: the least of the last half to full minute,
/// which is the offset plus the shortest way here.</summary>
/// <remarks>Owned by one transport. Nanoseconds.</remarks>
internal sealed class ClockOffset
{
    private const long Window = 30_000_000_000;

    private long _windowStart;
    private long _least = long.MaxValue;
    private long _leastBefore = long.MaxValue;

    /// <summary>The offset; 0 before the first report.</summary>
    internal long Value { get; private set; }

    /// <summary>Takes over the offset that the sender's worker has.</summary>
    internal void Mirror(long value) => Value = value;

    /// <summary>Takes a report: when it came on our clock, and what the sender's clock said.</summary>
    internal void OnReport(long arrivedAt, long sentAt)
    {
        if (_least == long.MaxValue) _windowStart = arrivedAt;
        if (arrivedAt - _windowStart >= Window)
        {
            _leastBefore = arrivedAt - _windowStart < 2 * Window ? _least : long.MaxValue;
            _least = long.MaxValue;
            _windowStart = arrivedAt;
        }

        _least = Math.Min(_least, unchecked(arrivedAt - sentAt));
        Value = Math.Min(_least, _leastBefore);
    }
}
