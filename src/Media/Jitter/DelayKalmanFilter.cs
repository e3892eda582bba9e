namespace Sfu.Media.Jitter;

/// <summary>Tells what of a frame's delay comes from its size: a line, delay = slope x change of size + queue (libwebrtc
/// frame_delay_variation_kalman_filter.cc; the constants are from there).</summary>
internal sealed class DelayKalmanFilter
{
    private const double SlopeNoise = 2.5e-10;
    private const double QueueNoise = 1e-10;
    private const double MinSlope = 1e-6;
    private double _queue;
    private double _p00 = 1e-4;                        // covariance of slope and queue
    private double _p01;
    private double _p10;
    private double _p11 = 1e2;

    /// <summary>Milliseconds that a byte takes; at first those of 512 kbit/s.</summary>
    public double Slope { get; private set; } = 8.0 / 512;

    /// <summary>Delay that a change of size lets expect, in ms.</summary>
    public double Expect(double sizeChange) => Slope * sizeChange + _queue;

    /// <summary>Takes one observation.</summary>
    /// <param name="variation">Of the delay, in ms.</param>
    /// <param name="sizeChange">Of the frame size, in bytes.</param>
    /// <param name="maxSize">Largest frame of late, in bytes.</param>
    /// <param name="noise">Variance of the random delay, in ms squared; above 0.</param>
    public void Update(double variation, double sizeChange, double maxSize, double noise)
    {
        if (maxSize < 1) return;
        _p00 += SlopeNoise;
        _p11 += QueueNoise;
        double innovation = variation - Expect(sizeChange);
        double h0 = _p00 * sizeChange + _p01, h1 = _p10 * sizeChange + _p11;
        // A frame as large as the one before says little about the slope.
        double deviation = Math.Max((300 * Math.Exp(-Math.Abs(sizeChange) / maxSize) + 1) * Math.Sqrt(noise), 1);
        double total = sizeChange * h0 + h1 + deviation;
        if (Math.Abs(total) < 1e-9) return;
        double gain0 = h0 / total, gain1 = h1 / total;
        Slope = Math.Max(Slope + gain0 * innovation, MinSlope);
        _queue += gain1 * innovation;
        (double p00, double p01) = (_p00, _p01);
        _p00 = (1 - gain0 * sizeChange) * p00 - gain0 * _p10;
        _p01 = (1 - gain0 * sizeChange) * p01 - gain0 * _p11;
        _p10 = _p10 * (1 - gain1) - gain1 * sizeChange * p00;
        _p11 = _p11 * (1 - gain1) - gain1 * sizeChange * p01;
    }
}
