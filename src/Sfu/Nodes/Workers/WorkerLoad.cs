using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>How loaded one worker is: what it reported, and what was placed on it so recently that its reports cannot show it.</summary>
/// <remarks>Safe on any thread. Reports are taken when the load is asked for. A client connects and begins to cost a second or two after it was
/// placed, so a stream counts as expected for <see cref="Window"/>: for the rest of it, it may count twice, which errs towards the other workers.</remarks>
internal sealed class WorkerLoad(TimeProvider time)
{
    /// <summary>How far back reports are averaged, and how long a stream counts as expected.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    /// <summary>Share of a worker that a stream is expected to cost while nothing better is known: 100 packets a second at 5 us.</summary>
    internal const double CostGuess = 0.0005;

    private const double LeastCost = 0.0001;
    private const double MostCost = 0.005;
    private const int EnoughToMeasure = 50;

    private readonly Lock _gate = new();
    private readonly Queue<Report> _reports = new();
    private WorkerSnapshot? _newest;
    private int _streams;

    /// <summary>Transports, producers and consumers on the worker, piped tracks counted.</summary>
    internal int Streams => Volatile.Read(ref _streams);

    /// <summary>Changes <see cref="Streams"/>.</summary>
    internal void Add(int streams) => Interlocked.Add(ref _streams, streams);

    /// <summary>The load: 0 for an idle worker, 1 for one that is always busy, more when more was placed on it than it can carry.</summary>
    /// <param name="latest">The worker's newest snapshot; null before the first.</param>
    internal double Estimate(WorkerSnapshot? latest)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            int streams = Streams;
            if (latest is not null && latest != _newest)
            {
                _newest = latest;
                _reports.Enqueue(new Report(now, latest.BusyRatio, streams));
            }

            while (_reports.Count > 1 && time.GetElapsedTime(_reports.Peek().At, now) > Window) _reports.Dequeue();
            if (!_reports.TryPeek(out Report oldest)) return streams * CostGuess;
            double busy = _reports.Average(report => report.Busy);
            double cost = oldest.Streams >= EnoughToMeasure ? Math.Clamp(busy / oldest.Streams, LeastCost, MostCost) : CostGuess;
            return busy + Math.Max(0, streams - oldest.Streams) * cost;
        }
    }

    private readonly record struct Report(long At, double Busy, int Streams);
}
