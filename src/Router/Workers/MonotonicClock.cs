using System.Diagnostics;
using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Workers;

/// <summary>The worker's clock: the only place of the data plane where time is read.</summary>
internal static unsafe class MonotonicClock
{
    /// <summary>Now, in nanoseconds of the system's monotonic clock.</summary>
    internal static MediaTime Now
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp();
            return new MediaTime(Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1e9 / Stopwatch.Frequency)));
        }
    }

    /// <summary>Waits; a signal may end it early.</summary>
    internal static void Wait(TimeSpan span)
    {
        var time = new TimeSpec { Seconds = (long)span.TotalSeconds, Nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * 100 };
        _ = LibC.NanoSleep(&time, null);
    }

    /// <summary>Says which wall-clock time it is now.</summary>
    internal static WallClockAnchor ReadAnchor()
    {
        TimeSpec time;
        _ = LibC.ClockGetTime(LibCConstants.ClockRealtime, &time);
        return new WallClockAnchor(Now, time.Seconds * 1_000_000_000 + time.Nanoseconds);
    }
}
