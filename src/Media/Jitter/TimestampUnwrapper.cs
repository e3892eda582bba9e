using Sfu.Media.Rtp;

namespace Sfu.Media.Jitter;

/// <summary>Extends 32-bit RTP time stamps to 64 bits: the value nearest to the highest one so far that ends in the same 32 bits.</summary>
/// <remarks>A mutable value: keep it in a field that is not readonly. Time stamps before the first one of a stream may be negative.</remarks>
public struct TimestampUnwrapper
{
    private long _highest;
    private bool _started;

    /// <summary>True once a time stamp was taken.</summary>
    public readonly bool Started => _started;

    /// <summary>Highest time stamp so far, in ticks of the stream's clock; 0 before the first.</summary>
    public readonly long Highest => _highest;

    /// <summary>Takes the time stamp of a packet that arrived.</summary>
    /// <returns>The first one as it is, then each within 2^31 of the highest one before it.</returns>
    public long Unwrap(RtpTimestamp timestamp)
    {
        if (!_started)
        {
            _started = true;
            return _highest = timestamp.Value;
        }
        long value = _highest + (int)(timestamp.Value - (uint)_highest);
        if (value > _highest) _highest = value;
        return value;
    }
}
