using Sfu.Configuration;

namespace Sfu.Placement;

/// <summary>Spaces joins: so many per second, half a second's worth at once, a bounded queue behind (the garbage of a join
/// storm pauses the media workers).</summary>
/// <remarks>Generic cell rate algorithm: each admitted join moves the time of the next one, so the queue is a number and its order that of arrival.
/// Safe on any thread.</remarks>
internal sealed class JoinGate(RoomOptions options, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(0.5);
    private readonly Lock _gate = new();
    private readonly TimeSpan _spacing = TimeSpan.FromSeconds(1) / options.JoinsPerSecond;
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _next;
    private int _waiting;

    /// <summary>Waits for a turn.</summary>
    /// <param name="cancellation">Gives up; the turn is lost.</param>
    /// <returns>Null when it is one's turn; else how long to stay away.</returns>
    public async ValueTask<TimeSpan?> EnterAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_gate)
        {
            TimeSpan now = time.GetElapsedTime(_start);
            TimeSpan turn = _next > now ? _next : now;
            wait = turn - now - Burst;
            if (wait > TimeSpan.Zero)
            {
                if (_waiting >= options.JoinQueue) return wait + _spacing;
                _waiting++;
            }

            _next = turn + _spacing;
        }

        if (wait <= TimeSpan.Zero) return null;
        try
        {
            await Task.Delay(wait, time, cancellation);
            return null;
        }
        finally
        {
            lock (_gate) _waiting--;
        }
    }
}
