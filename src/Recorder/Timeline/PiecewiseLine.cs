namespace Sfu.Recorder.Timeline;

/// <summary>A continuous line through knots, one clock as a function of another; goes on with a slope of its own before and behind them.</summary>
/// <param name="knots">Ordered by <c>X</c>, no two alike, at least one.</param>
/// <param name="firstSlope">Slope before the first knot.</param>
/// <param name="lastSlope">Slope behind the last knot.</param>
internal sealed class PiecewiseLine((double X, double Y)[] knots, double firstSlope, double lastSlope)
{
    /// <summary>The value at a place.</summary>
    internal double At(double x)
    {
        if (x <= knots[0].X) return knots[0].Y + (x - knots[0].X) * firstSlope;
        if (x >= knots[^1].X) return knots[^1].Y + (x - knots[^1].X) * lastSlope;
        int low = 0, high = knots.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (knots[middle].X <= x) low = middle;
            else high = middle;
        }
        (double x0, double y0) = knots[low];
        (double x1, double y1) = knots[high];
        return y0 + (x - x0) * (y1 - y0) / (x1 - x0);
    }
}
