using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>When each frame of a live stream is to be shown and, before that, to be handed to the decoder: the sender's clock as seen here,
/// plus a delay that follows the jitter slowly (libwebrtc modules/video_coding/timing).</summary>
/// <remarks>For decoding paths only: forwarding is never delayed. One owner; told the time.</remarks>
/// <param name="clockRate">RTP clock in Hz.</param>
public sealed class PlayoutTiming(int clockRate)
{
    /// <summary>A frame that nothing is known to be missing of is waited for this long, then a key frame is asked for.</summary>
    public static readonly TimeSpan FrameWait = TimeSpan.FromSeconds(3);

    /// <summary>While no frame is decodable, a key frame is asked for again after this time.</summary>
    public static readonly TimeSpan KeyFrameWait = TimeSpan.FromMilliseconds(200);

    private const double ChangePerSecond = 0.1;        // the delay changes by 100 ms in a second at most
    private static readonly TimeSpan RenderTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(5);
    private readonly FrameDelayVariation _variation = new(clockRate);
    private readonly JitterEstimator _jitter = new();
    private readonly DecodeTimeMeter _decoding = new();
    private readonly SenderClock _clock = new(clockRate);
    private long _timestamp;
    private bool _isStarted;

    /// <summary>The delay in use, from the least delayed frames to showing.</summary>
    public TimeSpan CurrentDelay { get; private set; }

    /// <summary>The delay it is on the way to: jitter, decoding and rendering.</summary>
    public TimeSpan TargetDelay { get; private set; }

    /// <summary>Jitter as estimated last.</summary>
    public TimeSpan Jitter { get; private set; }

    /// <summary>Takes a complete frame.</summary>
    /// <param name="timestamp">Extended RTP time stamp.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="completeAt">When its last packet came.</param>
    /// <param name="wasRepaired">A packet of it was retransmitted: its delay is not the way's.</param>
    /// <param name="roundTrip">Round trip time.</param>
    public void OnFrame(long timestamp, int size, MediaTime completeAt, bool wasRepaired, TimeSpan roundTrip)
    {
        if (wasRepaired) _jitter.OnRepaired(completeAt);
        else if (_variation.TryUpdate(timestamp, completeAt, out double variation)) _jitter.Update(variation, size, completeAt);
        _clock.Update(timestamp, completeAt);
        Jitter = _jitter.Estimate(roundTrip, completeAt);
        TargetDelay = Jitter + _decoding.Percentile95 + RenderTime;
        double seconds = (timestamp - _timestamp) / (double)clockRate;
        if (!_isStarted)
        {
            CurrentDelay = TargetDelay;
        }
        else if (seconds > 0)
        {
            double limit = ChangePerSecond * seconds, change = (TargetDelay - CurrentDelay).TotalSeconds;
            CurrentDelay += TimeSpan.FromSeconds(Math.Clamp(change, -limit, limit));
        }
        if (!_isStarted || seconds > 0) _timestamp = timestamp;
        _isStarted = true;
    }

    /// <summary>A frame was decoded.</summary>
    public void OnDecoded(TimeSpan decodeTime, MediaTime now) => _decoding.Add(decodeTime, now);

    /// <summary>When a frame is to be shown; before the first frame, at once.</summary>
    public MediaTime RenderAt(long timestamp) => _clock.TimeOf(timestamp) + CurrentDelay;

    /// <summary>When a frame is to be handed to the decoder at the latest: until then a hole before it may be waited for.</summary>
    public MediaTime DecodeAt(long timestamp) => RenderAt(timestamp) - _decoding.Percentile95 - RenderTime;

    /// <summary>A frame is so late that the next decodable one is to be taken instead, if there is one.</summary>
    public bool IsTooLate(long timestamp, MediaTime now) => now - DecodeAt(timestamp) > TooLate;
}
