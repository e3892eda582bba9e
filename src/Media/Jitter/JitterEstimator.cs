using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>How long frames must be held so that late ones are in time: what large frames take longer on the way, and what the way itself
/// varies (libwebrtc jitter_estimator.cc; the constants are from there).</summary>
public sealed class JitterEstimator
{
    private const double SizeMeanGain = 0.97;
    private const double SizeMaxDecay = 0.9999;
    private const int MaxNoiseCount = 400;
    private const int StartFrames = 30;
    private const int StartSizes = 5;
    private const double ClampDeviations = 3.5;
    private const double OutlierDeviations = 15;
    private const double LargeDeviations = 3;
    private const double AfterLargeFrame = -0.25;
    private const double NoiseDeviations = 2.33;
    private const double NoiseOffset = 30;
    private const double MaxMilliseconds = 10_000;
    private const double SystemJitter = 10;
    private const double MaxRepair = 200;
    private const double RepairShare = 0.9;
    private const int RepairsThatCount = 3;
    private static readonly TimeSpan RepairMemory = TimeSpan.FromSeconds(60);

    private readonly DelayKalmanFilter _filter = new();
    private readonly FrameRateMeter _rate = new();
    private double _meanSize = 500;
    private double _maxSize = 500;
    private double _sizeVariance = 100;
    private double _noiseMean;
    private double _noiseVariance = 4;
    private int _noiseCount = 1;
    private double _lastSize;
    private double _startSum;
    private int _startSizes;
    private int _frames;
    private double _settled;
    private int _repaired;
    private MediaTime _lastRepair;

    /// <summary>Takes a complete frame.</summary>
    /// <param name="variation">From <see cref="FrameDelayVariation"/>, in ms.</param>
    /// <param name="size">In bytes, above 0.</param>
    /// <param name="now">When it became complete.</param>
    public void Update(double variation, int size, MediaTime now)
    {
        if (size <= 0) return;
        double change = size - _lastSize;
        bool isFirst = _lastSize == 0;
        UpdateSizes(size);
        _lastSize = size;
        if (isFirst) return;
        _rate.OnFrame(now);
        double deviation = Math.Sqrt(_noiseVariance);
        variation = Math.Clamp(variation, -ClampDeviations * deviation, ClampDeviations * deviation);
        double unexpected = variation - _filter.Expect(change);
        bool isLarge = size > _meanSize + LargeDeviations * Math.Sqrt(_sizeVariance);
        if (Math.Abs(unexpected) < OutlierDeviations * deviation || isLarge)
        {
            UpdateNoise(unexpected);
            // A frame behind a large one waits for it: that is no effect of its own size.
            if (change > AfterLargeFrame * _maxSize) _filter.Update(variation, change, _maxSize, _noiseVariance);
        }
        else
        {
            UpdateNoise(Math.Sign(unexpected) * OutlierDeviations * deviation);
        }
        if (_frames < StartFrames) _frames++;
        else _settled = Calculate();
    }

    /// <summary>A frame was complete only after a packet of it was asked for again.</summary>
    public void OnRepaired(MediaTime now)
    {
        if (_repaired < RepairsThatCount) _repaired++;
        _lastRepair = now;
    }

    /// <summary>The time to hold frames.</summary>
    /// <param name="roundTrip">Round trip time: what a repair takes.</param>
    /// <param name="now">The time.</param>
    /// <returns>0 to 10.4 s; 0 below five frames a second, where each frame is shown as it comes.</returns>
    public TimeSpan Estimate(TimeSpan roundTrip, MediaTime now)
    {
        if (_repaired > 0 && now - _lastRepair > RepairMemory) _repaired = 0;
        double jitter = Math.Max(Calculate() + SystemJitter, _settled);
        if (_repaired >= RepairsThatCount) jitter += Math.Min(RepairShare * roundTrip.TotalMilliseconds, MaxRepair);
        double rate = _rate.Rate;
        double share = rate == 0 ? 1 : Math.Clamp((rate - 5) / 5, 0, 1);
        return TimeSpan.FromMilliseconds(jitter * share);
    }

    private double Calculate()
    {
        double noise = Math.Max(NoiseDeviations * Math.Sqrt(_noiseVariance) - NoiseOffset, 1);
        return Math.Clamp(_filter.Slope * (_maxSize - _meanSize) + noise, 1, MaxMilliseconds);
    }

    private void UpdateSizes(double size)
    {
        if (_startSizes < StartSizes) (_startSum, _startSizes) = (_startSum + size, _startSizes + 1);
        else if (_startSizes == StartSizes) (_meanSize, _startSizes) = (_startSum / StartSizes, _startSizes + 1);
        double mean = SizeMeanGain * _meanSize + (1 - SizeMeanGain) * size;
        if (size < _meanSize + 2 * Math.Sqrt(_sizeVariance)) _meanSize = mean;       // key frames do not count
        _sizeVariance = Math.Max(SizeMeanGain * _sizeVariance + (1 - SizeMeanGain) * (size - mean) * (size - mean), 1);
        _maxSize = Math.Max(SizeMaxDecay * _maxSize, size);
    }

    private void UpdateNoise(double unexpected)
    {
        double keep = (_noiseCount - 1.0) / _noiseCount;
        if (_noiseCount < MaxNoiseCount) _noiseCount++;
        if (_rate.Rate is var rate && rate > 0)
        {
            double scale = 30 / rate;                  // the memory is a time, not a number of frames
            if (_noiseCount < StartFrames) scale = (_noiseCount * scale + (StartFrames - _noiseCount)) / StartFrames;
            keep = Math.Pow(keep, scale);
        }
        _noiseMean = keep * _noiseMean + (1 - keep) * unexpected;
        _noiseVariance = Math.Max(keep * _noiseVariance + (1 - keep) * (unexpected - _noiseMean) * (unexpected - _noiseMean), 1);
    }
}
