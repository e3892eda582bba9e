using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>Frames a second over the last 30 intervals.</summary>
internal sealed class FrameRateMeter
{
    private const int Intervals = 30;
    private const double MaxRate = 200;
    private readonly double[] _seconds = new double[Intervals];
    private MediaTime _last;
    private double _sum;
    private long _count = -1;                          // intervals seen

    /// <summary>Frames a second, at most 200; 0 before the second frame.</summary>
    public double Rate => _count < 1 || _sum <= 0 ? 0 : Math.Min(Math.Min(_count, Intervals) / _sum, MaxRate);

    /// <summary>A frame came.</summary>
    public void OnFrame(MediaTime now)
    {
        if (_count >= 0)
        {
            int at = (int)(_count % Intervals);
            double seconds = Math.Max((now - _last).TotalSeconds, 0);
            _sum += seconds - _seconds[at];
            _seconds[at] = seconds;
        }
        _count++;
        _last = now;
    }
}
