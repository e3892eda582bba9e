using Sfu.Recorder;

namespace Sfu.Benchmarks;

/// <summary>Looks at the recorder's lag every few milliseconds, on a thread of its own.</summary>
/// <remarks>The recorder tells the lag of written records beyond the time that a chunk collects; here that time is added, and the time since
/// the recorder last looked: an upper bound of what a killed process loses.</remarks>
internal sealed class LagSampler : IDisposable
{
    private const int Interval = 4;
    private static readonly SystemRecorderClock Clock = new();
    private readonly List<double> _written = new(100_000), _synced = new(100_000);
    private readonly Thread _thread;
    private volatile bool _samples, _ends;

    /// <summary>Begins to run; nothing is kept before <see cref="Start"/>.</summary>
    public LagSampler(RecorderNode node, RecorderOptions options)
    {
        _thread = new Thread(() =>
        {
            while (!_ends)
            {
                Thread.Sleep(Interval);
                RecorderHealth health = node.Health;
                if (!_samples) continue;
                double since = (Clock.Now - health.At).TotalMilliseconds;
                _written.Add((health.WrittenLag + options.ChunkSpan).TotalMilliseconds + since);
                _synced.Add(health.SyncedLag.TotalMilliseconds + since);
            }
        })
        { IsBackground = true, Name = "lag" };
        _thread.Start();
    }

    /// <summary>Of what is written.</summary>
    public Percentiles Written => Percentiles.Of(_written);

    /// <summary>Of what is on the disk.</summary>
    public Percentiles Synced => Percentiles.Of(_synced);

    /// <summary>Keeps samples from now on.</summary>
    public void Start() => _samples = true;

    /// <summary>Ends the thread.</summary>
    public void Stop()
    {
        _ends = true;
        _thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();
}

/// <summary>Of many samples.</summary>
/// <param name="P50">The median.</param>
/// <param name="P99">99 of 100 are below.</param>
/// <param name="Max">The highest.</param>
internal sealed record Percentiles(double P50, double P99, double Max)
{
    /// <summary>Of some samples, in any order; zeros of none.</summary>
    public static Percentiles Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return sorted.Length == 0 ? new(0, 0, 0) : new(sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)], sorted[^1]);
    }
}
