using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>How long a busy worker waits before it takes packets again, so that several for one receiver leave in one message: not at all
/// below a quarter of its time, up to a millisecond from there, up to five above 80 %.</summary>
/// <remarks>Owned by one media worker; told the times. The wait counts from when it took packets last, so a packet that comes after a pause
/// waits for nothing, and a worker whose turns are longer than the window never does. It grows with the load without a jump: waiting makes
/// the load smaller, which must not end the waiting.</remarks>
internal sealed class BurstWindow(MediaTime start)
{
    /// <summary>Busy share from which on it waits.</summary>
    internal const double FromBusy = 0.25;

    /// <summary>Busy share from which on it waits for longer than a millisecond.</summary>
    internal const double HighBusy = 0.8;

    /// <summary>Longest wait below <see cref="HighBusy"/>: a millisecond, less what the system may wake it late.</summary>
    internal static readonly TimeSpan Short = TimeSpan.FromMicroseconds(900);

    /// <summary>Longest wait at all: five milliseconds, less the same.</summary>
    internal static readonly TimeSpan Long = TimeSpan.FromMicroseconds(4900);

    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(50);      // as late as the system wakes a thread anyway
    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(100);

    private readonly BusyMeasure _busy = new(Measured, start);
    private MediaTime _takenAt = start;
    private TimeSpan _window;

    /// <summary>Share of the measured time in which the worker was not waiting, smoothed over some tenths of a second.</summary>
    internal double Busy { get; private set; }

    /// <summary>The longest wait at a busy share.</summary>
    internal static TimeSpan Of(double busy) =>
        busy < FromBusy ? TimeSpan.Zero
        : busy < HighBusy ? Short * Math.Pow((busy - FromBusy) / (HighBusy - FromBusy), 2)     // half of the packets wait for half of it
        : Short + (Long - Short) * (Math.Min(busy, 1) - HighBusy) / (1 - HighBusy);

    /// <summary>A turn has begun.</summary>
    /// <param name="now">When.</param>
    /// <param name="idle">How much of the time since the last one was spent waiting, for packets or for more of them.</param>
    internal void OnTurn(MediaTime now, TimeSpan idle)
    {
        if (!_busy.OnTurn(now, idle)) return;
        Busy = _busy.Length > 2 * Measured ? _busy.Share : (Busy + _busy.Share) / 2;     // after a pause what was before says nothing
        _window = Of(Busy);
    }

    /// <summary>Packets were taken from the socket.</summary>
    internal void OnTaken(MediaTime now) => _takenAt = now;

    /// <summary>How long to wait before looking for packets.</summary>
    /// <param name="now">The time.</param>
    /// <param name="deadline">When something else is due.</param>
    internal TimeSpan WaitFrom(MediaTime now, MediaTime deadline)
    {
        if (_window == TimeSpan.Zero) return TimeSpan.Zero;
        MediaTime until = MediaTime.Min(_takenAt + _window, deadline);
        TimeSpan wait = until - now;
        return wait >= Least ? wait : TimeSpan.Zero;
    }
}
