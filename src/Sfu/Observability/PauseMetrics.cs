using Prometheus;

namespace Sfu.Observability;

/// <summary>How long the garbage collector stopped all threads, the packets' included, pause by pause, by the runtime's own record.</summary>
/// <remarks>
/// It costs nothing between collections: an object that nobody refers to is finalized after the next one, asks, and makes its successor. A listener to the
/// runtime's events would have a thread look for them all the time. Two collections of one kind that follow within the finalizer's delay, mostly well below a
/// millisecond, are seen as one; <c>dotnet_gc_pause_time_seconds_total</c> has the time of both.
/// </remarks>
public sealed class PauseMetrics : IDisposable
{
    private const double Long = 0.005;                     // a fourth of a packet of sound

    private static readonly double[] Seconds = [.0001, .0002, .0005, .001, .002, .005, .01, .02, .05, .1, .5];
    private static readonly GCKind[] Kinds = [GCKind.Ephemeral, GCKind.FullBlocking, GCKind.Background];

    private static readonly string[] Names = ["young", "full", "background"];

    private readonly Counter _pauses;
    private readonly Histogram.Child[] _durations;
    private readonly Gauge _longest, _lastLong, _lastLongAt;
    private readonly double _long;
    private readonly Lock _lock = new();
    private readonly long[] _seen = new long[Kinds.Length];
    private double _max;
    private volatile bool _isDisposed;

    /// <summary>Declares the families and begins to watch; what was collected before does not count.</summary>
    /// <param name="registry">Asks before each scrape.</param>
    /// <param name="metrics">Makes the families in it.</param>
    /// <param name="longer">Seconds; a pause longer than that is told with its moment, beside what a caller heard or a log says of it.</param>
    public PauseMetrics(CollectorRegistry registry, IMetricFactory metrics, double longer = Long)
    {
        _long = longer;
        _pauses = metrics.CreateCounter("sfu_gc_pauses_total", "Times the garbage collector stopped all threads.");
        Histogram durations = metrics.CreateHistogram(
            "sfu_gc_pause_seconds",
            "How long the garbage collector stopped all threads, each time, by what it collected: young objects, the full heap at once, or that in the background.",
            ["kind"],
            new HistogramConfiguration { Buckets = Seconds });
        _durations = Array.ConvertAll(Names, name => durations.WithLabels(name));
        _longest = metrics.CreateGauge("sfu_gc_pause_longest_seconds", "Longest time that the garbage collector stopped all threads since the start.");
        _lastLong = metrics.CreateGauge("sfu_gc_pause_last_long_seconds", "Of the last time longer than 5 ms that the garbage collector stopped all threads, how long.");
        _lastLongAt = metrics.CreateGauge("sfu_gc_pause_last_long_timestamp_seconds", "When that was over, to some milliseconds, Unix time; 0 before the first.");
        for (int kind = 0; kind < Kinds.Length; kind++) _seen[kind] = GC.GetGCMemoryInfo(Kinds[kind]).Index;
        registry.AddBeforeCollectCallback(Look);
        _ = new Sentinel(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _isDisposed = true;

    private void Look()
    {
        lock (_lock)
        {
            for (int kind = 0; kind < Kinds.Length; kind++)
            {
                GCMemoryInfo last = GC.GetGCMemoryInfo(Kinds[kind]);
                if (last.Index == _seen[kind]) continue;
                _seen[kind] = last.Index;
                foreach (TimeSpan pause in last.PauseDurations) Add(_durations[kind], pause.TotalSeconds); // two of a background collection, else one
            }
        }
    }

    private void Add(Histogram.Child durations, double seconds)
    {
        if (seconds <= 0) return;                          // the second is empty where there was one
        _pauses.Inc();
        durations.Observe(seconds);
        if (seconds > _long)
        {
            _lastLong.Set(seconds);
            _lastLongAt.SetToCurrentTimeUtc();
        }

        if (seconds <= _max) return;
        _max = seconds;
        _longest.Set(seconds);
    }

    private sealed class Sentinel(PauseMetrics owner)
    {
        ~Sentinel()
        {
            if (owner._isDisposed) return;
            owner.Look();
            _ = new Sentinel(owner);
        }
    }
}
