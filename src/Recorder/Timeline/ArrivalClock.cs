namespace Sfu.Recorder.Timeline;

/// <summary>The clock of a stream whose sender reports nothing: its RTP clock, with the arrivals that took least time.</summary>
internal static class ArrivalClock
{
    private const double Step = 200e6;                 // ns
    private const int Confirmed = 3;                   // seconds in a row that show a step

    /// <summary>Fits it.</summary>
    internal static StreamClock Fit(StreamObservations stream, double wayDelay)
    {
        double nominal = 1e9 / stream.ClockRate;
        List<(double Sent, double Delay)> samples = [.. stream.Fastest.Select(packet => (packet.Rtp * nominal, packet.Arrival - packet.Rtp * nominal))];
        var epochs = new List<StreamClock.Epoch>();
        for (int from = 0; from < samples.Count;)
        {
            int to = EndOfEpoch(samples, from);
            PiecewiseLine delay = DelayLine.Fit(samples[from..to], wayDelay);
            (double rtp, double arrival) = stream.Fastest[from];
            epochs.Add(new StreamClock.Epoch(arrival, stream.Fastest[to - 1].Arrival, rtp, arrival, stream.ClockRate * 1e-9, Straight(nominal), delay));
            from = to;
        }
        if (epochs.Count == 0) epochs.Add(new StreamClock.Epoch(0, 0, 0, 0, stream.ClockRate * 1e-9, Straight(nominal), new PiecewiseLine([(0, 0)], 0, 0)));
        return new StreamClock([.. epochs], new ClockFitQuality(0, epochs.Count, 0, 0));
    }

    private static PiecewiseLine Straight(double nominal) => new([(0, 0)], nominal, nominal);

    private static int EndOfEpoch(List<(double Sent, double Delay)> samples, int from)
    {
        for (int at = from + 1; at + Confirmed <= samples.Count; at++)
        {
            int away = 0;
            while (away < Confirmed && Math.Abs(samples[at + away].Delay - samples[at - 1].Delay) > Step) away++;
            if (away == Confirmed) return at;
        }
        return samples.Count;
    }
}
