using Prometheus;
using Sfu.Router.Workers.Events;

namespace Sfu.Observability;

/// <summary><c>sfu_forward_delay_seconds</c>: filled with what each worker's buckets grew by since the last scrape, off the packet path.</summary>
/// <remarks>Scrapes may come at once.</remarks>
internal sealed class DelayHistogram(IMetricFactory metrics)
{
    private readonly Histogram _histogram = metrics.CreateHistogram(
        "sfu_forward_delay_seconds",
        "UDP datagrams sent, by the longest that what they answer can have been in the socket and the worker.",
        new HistogramConfiguration { Buckets = [.. WorkerSnapshot.ForwardDelayBounds] });

    private readonly Dictionary<int, WorkerSnapshot> _seen = [];

    /// <summary>Takes a worker's newest snapshot.</summary>
    public void Update(WorkerSnapshot worker)
    {
        lock (_seen) Add(worker);
    }

    private void Add(WorkerSnapshot worker)
    {
        WorkerSnapshot? before = _seen.GetValueOrDefault(worker.Worker);
        _seen[worker.Worker] = worker;
        for (int bucket = 0; bucket < worker.ForwardDelayCounts.Count; bucket++)
        {
            long grown = worker.ForwardDelayCounts[bucket] - (before?.ForwardDelayCounts[bucket] ?? 0);
            double seconds = worker.ForwardDelaySeconds[bucket] - (before?.ForwardDelaySeconds[bucket] ?? 0);
            if (grown > 0) _histogram.Observe(Within(bucket, seconds / grown), grown);
        }
    }

    /// <summary>A mean keeps to its bucket, whatever its last digit.</summary>
    private static double Within(int bucket, double mean)
    {
        IReadOnlyList<double> bounds = WorkerSnapshot.ForwardDelayBounds;
        double least = bucket == 0 ? 0 : Math.BitIncrement(bounds[bucket - 1]);
        return bucket < bounds.Count ? Math.Clamp(mean, least, bounds[bucket]) : Math.Max(mean, least);
    }
}
