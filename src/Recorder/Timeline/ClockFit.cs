namespace Sfu.Recorder.Timeline;

/// <summary>The two-pass clock fit of a recording (RECORDING.md 4.4): from all sender reports and arrivals of one participant to a clock for
/// each of its streams. Sound and picture share the sender's clock, so that they agree as well as the reports do, whatever the network did.</summary>
/// <remarks>Pure; not on the packet path.</remarks>
public static class ClockFit
{
    private const double Step = 200e6;                 // ns: the sender's clock was set, its laptop slept, its RTP clock was begun anew
    private const double StepSkew = 500e-6;            // of the time between two reports, on top of it
    private const int Neighbours = 5;                  // reports of which the fastest tells a step from late reports
    private const int Confirming = 3;                  // reports behind a step at least
    private const int Window = 30;                     // reports in a Theil-Sen fit
    private const int Stride = 15;
    private const double SlopeSpan = 30e9;             // ns: in less, what reports are off says more of the slope than the clock does

    /// <summary>Fits the clocks of the streams of one participant.</summary>
    /// <param name="streams">All of its streams; a stream that received nothing is allowed.</param>
    /// <param name="roundTrip">Least round trip to the participant, when known: half of it is taken for the way to the server.</param>
    /// <returns>A clock for each stream, in their order.</returns>
    public static IReadOnlyList<StreamClock> Fit(IReadOnlyList<StreamObservations> streams, TimeSpan roundTrip = default)
    {
        double wayDelay = roundTrip.Ticks * 50.0;
        List<double> steps = FindSteps([.. streams.SelectMany(stream => stream.SenderReports).Select(report => (report.Arrival, Offset: report.Ntp - report.Arrival)).OrderBy(pair => pair.Arrival)]);
        List<List<SenderEpoch>> fitted = [.. streams.Select(stream => FitSender(stream, steps))];
        PiecewiseLine?[] delays = new PiecewiseLine?[steps.Count + 1];
        for (int domain = 0; domain < delays.Length; domain++)
        {
            List<(double Sent, double Delay)> samples = [];
            for (int i = 0; i < streams.Count; i++) Collect(streams[i], fitted[i], domain, samples);
            if (samples.Count > 0) delays[domain] = DelayLine.Fit(samples, wayDelay);
        }
        return [.. streams.Select((stream, i) => Join(stream, fitted[i], delays, wayDelay))];
    }

    /// <summary>Places between two reports where the offset between the sender's clock and the server's changed for good.</summary>
    private static List<double> FindSteps(List<(double Arrival, double Offset)> reports)
    {
        var steps = new List<double>();
        int begin = 0;
        for (int i = 1; i + Confirming <= reports.Count; i++)
        {
            double before = FastestOffset(reports, Math.Max(begin, i - Neighbours), i);
            double behind = FastestOffset(reports, i, Math.Min(reports.Count, i + Neighbours));
            // They may differ a few reports early too: the step is where this report is with those behind it.
            if (Math.Abs(behind - before) <= Step || Math.Abs(reports[i].Offset - behind) > Math.Abs(reports[i].Offset - before)) continue;
            steps.Add((reports[i - 1].Arrival + reports[i].Arrival) / 2);
            begin = i;
        }
        return steps;
    }

    // A late report makes the offset smaller, never larger.
    private static double FastestOffset(List<(double Arrival, double Offset)> reports, int from, int to)
    {
        double fastest = double.MinValue;
        for (int i = from; i < to; i++) fastest = Math.Max(fastest, reports[i].Offset);
        return fastest;
    }

    private static List<SenderEpoch> FitSender(StreamObservations stream, List<double> steps)
    {
        var epochs = new List<SenderEpoch>();
        var run = new List<(double Rtp, double Ntp, double Arrival)>();
        double nominal = 1e9 / stream.ClockRate;
        foreach ((double Rtp, double Ntp, double Arrival) report in stream.SenderReports)
        {
            if (run.Count > 0 && IsCut(run[^1], report, nominal, steps)) Close();
            if (run.Count > 0 && report.Rtp <= run[^1].Rtp) continue; // repeated, or overtaken
            run.Add(report);
        }
        Close();
        return epochs;

        void Close()
        {
            if (run.Count > 0) epochs.Add(FitRun([.. run], nominal, DomainOf(run[0].Arrival, steps)));
            run.Clear();
        }
    }

    private static bool IsCut((double Rtp, double Ntp, double Arrival) last, (double Rtp, double Ntp, double Arrival) next, double nominal, List<double> steps)
    {
        double passed = next.Ntp - last.Ntp, counted = (next.Rtp - last.Rtp) * nominal;
        return DomainOf(last.Arrival, steps) != DomainOf(next.Arrival, steps) || Math.Abs(passed - counted) > Step + StepSkew * Math.Abs(passed);
    }

    private static int DomainOf(double arrival, List<double> steps)
    {
        int domain = 0;
        while (domain < steps.Count && arrival >= steps[domain]) domain++;
        return domain;
    }

    private static SenderEpoch FitRun((double Rtp, double Ntp, double Arrival)[] run, double nominal, int domain)
    {
        (double X, double Y)[] points = [.. run.Select(report => (report.Rtp, report.Ntp - run[0].Ntp))];
        var knots = new List<(double X, double Y)>();
        double first = nominal, last = nominal;
        for (int at = 0; at == 0 || at + Window - Stride < points.Length; at += Stride)
        {
            ReadOnlySpan<(double X, double Y)> window = points.AsSpan(at, Math.Min(Window, points.Length - at));
            (double slope, double x, double y) = RobustFit.TheilSen(window, nominal);
            // Senders report each 5 s, some ms off: the slope of a short stretch is taken as far as its length bears it.
            double span = (window[^1].X - window[0].X) * nominal, square = span * span;
            last = nominal + (slope - nominal) * square / (square + SlopeSpan * SlopeSpan);
            if (at == 0) first = last;
            knots.Add((x, y + run[0].Ntp));
        }
        var line = new PiecewiseLine([.. knots], first, last);
        List<double> residuals = [.. run.Select(report => Math.Abs(line.At(report.Rtp) - report.Ntp)).Order()];
        double skew = knots.Count > 1 ? (knots[^1].Y - knots[0].Y) / (knots[^1].X - knots[0].X) / nominal - 1 : first / nominal - 1;
        return new SenderEpoch(domain, run[0], run[^1], line, run.Length, residuals[(int)((residuals.Count - 1) * 0.99)], -skew);
    }

    /// <summary>The least delays of a stream's packets, by its fitted clock, in one stretch of the sender's clock.</summary>
    private static void Collect(StreamObservations stream, List<SenderEpoch> epochs, int domain, List<(double Sent, double Delay)> samples)
    {
        for (int i = 0; i < epochs.Count; i++)
            if (epochs[i].Domain == domain && !(i > 0 && epochs[i - 1].Domain == domain && IsApart(epochs[i - 1], epochs[i])))
                CollectOf(stream, epochs, i, samples);
    }

    private static void CollectOf(StreamObservations stream, List<SenderEpoch> epochs, int at, List<(double Sent, double Delay)> samples)
    {
        // What came between the last report before a step and the first one behind it may belong to either side: left out.
        double from = at == 0 ? double.MinValue : epochs[at].First.Arrival;
        double to = at == epochs.Count - 1 ? double.MaxValue : epochs[at].Last.Arrival;
        foreach ((double rtp, double arrival) in stream.Fastest)
        {
            if (arrival < from || arrival > to) continue;
            double sent = epochs[at].Line.At(rtp);
            samples.Add((sent, arrival - sent));
        }
    }

    // The sender's clock was set between them, but too few reports followed to see it.
    private static bool IsApart(SenderEpoch a, SenderEpoch b) => Math.Abs(b.First.Arrival - b.First.Ntp - (a.Last.Arrival - a.Last.Ntp)) > 10 * Step;

    private static StreamClock Join(StreamObservations stream, List<SenderEpoch> epochs, PiecewiseLine?[] delays, double wayDelay)
    {
        if (epochs.Count == 0) return ArrivalClock.Fit(stream, wayDelay);
        double ticks = stream.ClockRate * 1e-9;
        StreamClock.Epoch[] joined = [.. epochs.Select((epoch, i) => new StreamClock.Epoch(
            epoch.First.Arrival, epoch.Last.Arrival, epoch.First.Rtp, epoch.First.Arrival, ticks, epoch.Line, DelayOf(stream, epochs, i, delays, wayDelay)))];
        return new StreamClock(joined, new ClockFitQuality(epochs.Sum(epoch => epoch.Reports), epochs.Count, epochs.Max(epoch => epoch.Residual), epochs[^1].Skew));
    }

    private static PiecewiseLine DelayOf(StreamObservations stream, List<SenderEpoch> epochs, int at, PiecewiseLine?[] delays, double wayDelay)
    {
        SenderEpoch epoch = epochs[at];
        double reported = epoch.First.Arrival - epoch.First.Ntp;
        if (delays[epoch.Domain] is { } shared && Math.Abs(shared.At(epoch.First.Ntp) - reported) <= 10 * Step) return shared;
        List<(double Sent, double Delay)> own = [];
        CollectOf(stream, epochs, at, own);
        return own.Count > 0 ? DelayLine.Fit(own, wayDelay) : new PiecewiseLine([(epoch.First.Ntp, reported - wayDelay)], 0, 0);
    }

    /// <summary>The sender's clock over one stretch of a stream.</summary>
    private sealed record SenderEpoch(int Domain, (double Rtp, double Ntp, double Arrival) First, (double Rtp, double Ntp, double Arrival) Last,
        PiecewiseLine Line, int Reports, double Residual, double Skew);
}
