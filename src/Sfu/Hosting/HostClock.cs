namespace Sfu.Hosting;

/// <summary>The machine's clock, with timers that wake the process seldom: it has a call to carry, and every wake costs what several packets do.</summary>
/// <remarks>
/// A timer that fires costs four to six switches of threads, 0.1 to 0.3 ms of CPU on a virtual machine. So what is done every second or less often is done by
/// all parts at the same moment, on whole seconds of the monotonic clock: the first time is up to a second later than asked for, those after it are not.
/// Everything else is <see cref="TimeProvider.System"/>. Safe on any thread.
/// </remarks>
public sealed class HostClock : TimeProvider
{
    /// <summary>Orleans samples ten times a second whether the thread pool stalls, to know about itself before it accuses another node. A node that is alone
    /// accuses nobody; half of the idle process's wakes were these.</summary>
    internal const string StallDetector = "Orleans.Runtime.MembershipService.ThreadPoolStallDetector";

    private const long Grid = 1000;                        // milliseconds, of the clock that the runtime's timers go by

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (state?.GetType().FullName == StallDetector) return new StoppedTimer();
        return base.CreateTimer(callback, state, IsSlow(dueTime) && IsSlow(period) ? Align(dueTime, Environment.TickCount64) : dueTime, period);
    }

    /// <summary>The end of a wait, moved to the next whole second.</summary>
    /// <param name="dueTime">The wait.</param>
    /// <param name="now">Milliseconds of the clock.</param>
    internal static TimeSpan Align(TimeSpan dueTime, long now)
    {
        long due = now + (long)dueTime.TotalMilliseconds;
        return TimeSpan.FromMilliseconds((due + Grid - 1) / Grid * Grid - now);
    }

    private static bool IsSlow(TimeSpan span) => span >= TimeSpan.FromMilliseconds(Grid) && span.TotalMilliseconds % Grid == 0;

    private sealed class StoppedTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
