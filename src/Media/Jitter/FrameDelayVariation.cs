using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>How much later each frame is whole than its time stamp lets expect, compared with the frame before (libwebrtc
/// inter_frame_delay_variation_calculator.cc).</summary>
/// <param name="clockRate">RTP clock in Hz.</param>
public sealed class FrameDelayVariation(int clockRate)
{
    private long _timestamp;
    private MediaTime _completeAt;
    private bool _isStarted;

    /// <summary>Takes the next frame.</summary>
    /// <param name="timestamp">Extended RTP time stamp.</param>
    /// <param name="completeAt">When its last packet came.</param>
    /// <param name="milliseconds">The variation; positive for a frame that is later than the one before.</param>
    /// <returns>False for the first frame, and for one that is older than a frame before: it says nothing.</returns>
    public bool TryUpdate(long timestamp, MediaTime completeAt, out double milliseconds)
    {
        milliseconds = 0;
        if (_isStarted && timestamp <= _timestamp) return false;
        bool isFirst = !_isStarted;
        milliseconds = (completeAt - _completeAt).TotalMilliseconds - (timestamp - _timestamp) * 1000.0 / clockRate;
        (_timestamp, _completeAt, _isStarted) = (timestamp, completeAt, true);
        if (isFirst) milliseconds = 0;
        return !isFirst;
    }
}
