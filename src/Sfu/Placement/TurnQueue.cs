namespace Sfu.Placement;

/// <summary>Turns at a rate, with a burst of half a second and a bounded queue. Told the time; does no I/O.</summary>
/// <remarks>Generic cell rate algorithm: each turn moves the time of the next one, so the queue is a number and its order that of arrival.
/// Owned by one gate; not thread-safe.</remarks>
/// <param name="perSecond">Turns per second, 1 or more.</param>
/// <param name="capacity">Most that wait.</param>
internal sealed class TurnQueue(int perSecond, int capacity)
{
    /// <summary>What may come at once.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(0.5);

    /// <summary>How far those who are refused are spread at most: each is told another time, so that they do not come back at once.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(10);

    private TimeSpan _next;
    private TimeSpan _comeBack;
    private int _waiting;

    /// <summary>Time that one turn takes.</summary>
    public TimeSpan Spacing { get; } = TimeSpan.FromSeconds(1) / perSecond;

    /// <summary>Takes a turn.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long until the turn, zero or less for at once; when the result is false, how long to stay away. Whoever
    /// waits calls <see cref="Leave"/> after that.</param>
    /// <returns>False when too many wait.</returns>
    public bool TryTake(TimeSpan now, out TimeSpan wait)
    {
        TimeSpan turn = Later(_next, now);
        wait = turn - now - Burst;
        if (wait > TimeSpan.Zero)
        {
            // The second: as long as a whole queue takes, because others went before.
            if (_waiting >= capacity || wait > (Spacing * capacity) + Burst)
            {
                _comeBack = Later(_comeBack, now + wait) + Spacing;
                if (_comeBack > now + wait + Spread) _comeBack = now + wait + Spacing;
                wait = _comeBack - now;
                return false;
            }

            _waiting++;
        }

        _next = turn + Spacing;
        return true;
    }

    /// <summary>Somebody's wait is over, or given up.</summary>
    public void Leave() => _waiting--;

    /// <summary>Lets others go before: those who come from now on wait so much longer.</summary>
    public void Yield(TimeSpan now, TimeSpan time) => _next = Later(_next, now) + time;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
