using Sfu.Media.Time;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder;

/// <summary>Both clocks at one instant.</summary>
/// <param name="Anchor">Which wall time a point of the monotonic clock is.</param>
/// <param name="IsSynced">The kernel says that the wall clock is disciplined.</param>
/// <param name="MaxErrorMicroseconds">The kernel's bound of its error.</param>
public readonly record struct ClockReading(WallClockAnchor Anchor, bool IsSynced, long MaxErrorMicroseconds)
{
    /// <summary>The class of the error.</summary>
    public ClockErrorClass ErrorClass => !IsSynced ? ClockErrorClass.Unknown : MaxErrorMicroseconds switch
    {
        <= 1_000 => ClockErrorClass.OneMillisecond,
        <= 10_000 => ClockErrorClass.TenMilliseconds,
        <= 100_000 => ClockErrorClass.HundredMilliseconds,
        <= 1_000_000 => ClockErrorClass.OneSecond,
        _ => ClockErrorClass.Worse,
    };

    /// <summary>Wall time of a point of the monotonic clock, microseconds since 1970.</summary>
    public long ToWallMicroseconds(long mono) => Anchor.ToUnixNanoseconds(new MediaTime(mono)) / 1000;
}
