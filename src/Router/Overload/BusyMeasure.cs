using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>Measures the share of its time in which a worker was not waiting, window after window.</summary>
/// <remarks>Owned by one media worker. Told the times; does no I/O and reads no clock. A window ends with the first turn after its length.</remarks>
/// <param name="window">Length of a window, above 0.</param>
/// <param name="start">When the first one begins.</param>
internal sealed class BusyMeasure(TimeSpan window, MediaTime start)
{
    private MediaTime _from = start;
    private TimeSpan _idle;

    /// <summary>Share of the last window, 0 to 1; 0 before the first has ended.</summary>
    internal double Share { get; private set; }

    /// <summary>How long the last window was: longer than asked for where no turn began meanwhile.</summary>
    internal TimeSpan Length { get; private set; }

    /// <summary>A turn has begun.</summary>
    /// <param name="now">When.</param>
    /// <param name="idle">How much of the time since the last one was spent waiting.</param>
    /// <returns>True when a window has ended.</returns>
    internal bool OnTurn(MediaTime now, TimeSpan idle)
    {
        _idle += idle;
        TimeSpan length = now - _from;
        if (length < window) return false;
        Share = Math.Clamp(1 - _idle / length, 0, 1);
        Length = length;
        _from = now;
        _idle = TimeSpan.Zero;
        return true;
    }
}
