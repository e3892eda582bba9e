namespace Sfu.Recorder.Timeline;

/// <summary>The difference between a sender's clock and the server's over time: of each minute the line under all delays, so that queues in
/// the network do not show and the skew between the clocks does.</summary>
internal static class DelayLine
{
    private const double Minute = 60e9;
    private const int Neighbours = 2;                  // minutes before and behind that a minute of nothing but queues borrows from

    /// <summary>Fits it.</summary>
    /// <param name="samples">When a packet was sent by the sender's clock, and its arrival by the server's minus that; at least one.</param>
    /// <param name="wayDelay">What the network takes at least, in nanoseconds.</param>
    internal static PiecewiseLine Fit(List<(double Sent, double Delay)> samples, double wayDelay)
    {
        samples.Sort();
        double origin = samples[0].Delay;               // keeps the numbers small: a double has 52 bits, 1970 was 2^60 ns ago
        var knots = new List<(double X, double Y)>();
        double slope = 0;
        for (int from = 0; from < samples.Count;)
        {
            int to = EndOfWindow(samples, from);
            double start = samples[from].Sent;
            List<(double X, double Y)> window = [.. samples[from..to].Select(sample => (sample.Sent - start, sample.Delay - origin))];
            double middle = window[^1].X / 2;
            (double value, slope) = RobustFit.LowerEdge(window, middle);
            if (Math.Abs(slope) > RobustFit.MaxSkew) slope = 0;
            knots.Add((start + middle, value));
            from = to;
        }
        if (knots.Count > 1) slope = MedianSlope(knots);
        (double X, double Y)[] smooth = [.. knots.Select((knot, i) => (knot.X, Lowest(knots, i, slope) + origin - wayDelay))];
        return new PiecewiseLine(smooth, slope, slope);
    }

    private static int EndOfWindow(List<(double Sent, double Delay)> samples, int from)
    {
        int to = from + 1;
        while (to < samples.Count && samples[to].Sent < samples[from].Sent + Minute) to++;
        // A short rest joins the window before it.
        return samples[^1].Sent - samples[from].Sent < Minute * 1.5 ? samples.Count : to;
    }

    private static double MedianSlope(List<(double X, double Y)> knots)
    {
        var slopes = new List<double>();
        int apart = Math.Max(1, knots.Count / 2);       // far apart, where queues weigh least
        for (int i = 0; i + apart < knots.Count; i++)
            if (knots[i + apart].X > knots[i].X) slopes.Add((knots[i + apart].Y - knots[i].Y) / (knots[i + apart].X - knots[i].X));
        double slope = slopes.Count == 0 ? 0 : RobustFit.Median(slopes);
        return Math.Abs(slope) > RobustFit.MaxSkew ? 0 : slope;
    }

    private static double Lowest(List<(double X, double Y)> knots, int at, double slope)
    {
        double lowest = double.MaxValue;
        for (int i = Math.Max(0, at - Neighbours); i <= Math.Min(knots.Count - 1, at + Neighbours); i++)
            lowest = Math.Min(lowest, knots[i].Y + (knots[at].X - knots[i].X) * slope);
        return lowest;
    }
}
