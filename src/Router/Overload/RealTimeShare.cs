using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>Decides whether a worker runs in real time: while it leaves the rest of the process enough of its core.</summary>
/// <remarks>
/// A thread in real time interrupts whatever else its core does, the kernel's own threads included, and is interrupted by nothing; one that never waits would keep
/// the core. So it gives real time up within half a second of being busier than its bound, and takes it again after two seconds well below it. Not within a tenth:
/// a machine that stands still for some tens of milliseconds would make a worker busy that is not.
/// Owned by one media worker. Told the times; does no I/O and reads no clock.
/// </remarks>
/// <param name="upTo">Busy share, 0 to 1, up to which it stays in real time; 1: always.</param>
/// <param name="start">When the worker began, in real time.</param>
internal sealed class RealTimeShare(double upTo, MediaTime start)
{
    /// <summary>How long it measures before it judges.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the worker must have been less busy than <see cref="CalmShare"/> of its bound.</summary>
    internal static readonly TimeSpan CalmFor = TimeSpan.FromSeconds(2);

    /// <summary>Without a distance between giving up and taking again, a load near the bound would change it all the time.</summary>
    internal const double CalmShare = 0.8;

    private readonly BusyMeasure _busy = new(Window, start);
    private MediaTime _calmSince = start;

    /// <summary>Whether it is to be in real time.</summary>
    internal bool IsHeld { get; private set; } = true;

    /// <summary>A turn has begun.</summary>
    /// <param name="now">When.</param>
    /// <param name="idle">How much of the time since the last one was spent waiting.</param>
    /// <returns>True when <see cref="IsHeld"/> has changed.</returns>
    internal bool OnTurn(MediaTime now, TimeSpan idle)
    {
        if (!_busy.OnTurn(now, idle)) return false;
        if (_busy.Share > CalmShare * upTo) _calmSince = now;
        bool isHeld = IsHeld ? _busy.Share <= upTo : now - _calmSince >= CalmFor;
        if (isHeld == IsHeld) return false;
        IsHeld = isHeld;
        return true;
    }
}
