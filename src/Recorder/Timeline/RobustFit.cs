namespace Sfu.Recorder.Timeline;

/// <summary>Lines through points of which some are wrong.</summary>
internal static class RobustFit
{
    /// <summary>Clocks are off by less than this (crystals: 100, cheap audio devices: some hundred parts per million).</summary>
    internal const double MaxSkew = 1000e-6;

    /// <summary>Theil-Sen: the median of the slopes between all pairs of points, through the medians of both coordinates' residuals.</summary>
    /// <param name="points">At most some hundred; the effort is quadratic.</param>
    /// <param name="nominal">The slope to use when there is none, and around which one must be.</param>
    /// <returns>Slope, and value at the mean place of the points.</returns>
    internal static (double Slope, double AtX, double Value) TheilSen(ReadOnlySpan<(double X, double Y)> points, double nominal)
    {
        var slopes = new List<double>(points.Length * (points.Length - 1) / 2);
        double middle = 0;
        for (int i = 0; i < points.Length; i++)
        {
            middle += points[i].X / points.Length;
            for (int j = i + 1; j < points.Length; j++)
                if (points[j].X != points[i].X) slopes.Add((points[j].Y - points[i].Y) / (points[j].X - points[i].X));
        }
        double slope = slopes.Count == 0 ? nominal : Median(slopes);
        if (Math.Abs(slope - nominal) > Math.Max(Math.Abs(nominal), 1e-30) * MaxSkew) slope = nominal;
        var values = new List<double>(points.Length);
        foreach ((double x, double y) in points) values.Add(y - (x - middle) * slope);
        return (slope, middle, Median(values));
    }

    /// <summary>The line that lies below all points and is highest at a place: the edge of their lower convex hull there.</summary>
    /// <param name="points">Ordered by X; at least one.</param>
    /// <param name="x">Between the first and the last.</param>
    /// <returns>Value and slope there.</returns>
    internal static (double Value, double Slope) LowerEdge(IReadOnlyList<(double X, double Y)> points, double x)
    {
        var hull = new List<(double X, double Y)>();
        foreach ((double X, double Y) point in points)
        {
            while (hull.Count >= 2 && Cross(hull[^2], hull[^1], point) <= 0) hull.RemoveAt(hull.Count - 1);
            if (hull.Count == 1 && hull[0].X == point.X)
            {
                if (point.Y < hull[0].Y) hull[0] = point;
                continue;
            }
            hull.Add(point);
        }
        if (hull.Count == 1) return (hull[0].Y, 0);
        int at = 0;
        while (at < hull.Count - 2 && hull[at + 1].X < x) at++;
        double slope = (hull[at + 1].Y - hull[at].Y) / (hull[at + 1].X - hull[at].X);
        return (hull[at].Y + (x - hull[at].X) * slope, slope);
    }

    /// <summary>The median; reorders the list.</summary>
    internal static double Median(List<double> values)
    {
        values.Sort();
        int middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static double Cross((double X, double Y) a, (double X, double Y) b, (double X, double Y) c) =>
        (b.X - a.X) * (c.Y - a.Y) - (b.Y - a.Y) * (c.X - a.X);
}
