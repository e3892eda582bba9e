using Sfu.Observability;
using Sfu.Router.Workers.Events;

namespace Sfu.Health;

/// <summary>Watches that every media worker goes on posting its snapshot each second: one that does not is stuck.</summary>
/// <remarks>Owns its timer. A worker that has not reported at all is silent since it was first expected: its thread may hang at its start.</remarks>
public sealed class WorkerWatch(TimeProvider clock, IWorkerSnapshots? snapshots = null) : IHostedService, IDisposable
{
    /// <summary>Silence after which the process is to be restarted; longer than the longest pause of a busy machine.</summary>
    public static readonly TimeSpan LiveLimit = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which no new calls are to come here.</summary>
    public static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Seen> _seen = [];
    private ITimer? _timer;

    /// <summary>Workers that reported so far.</summary>
    public int Count
    {
        get
        {
            Look();
            lock (_lock) return _seen.Values.Count(seen => seen.Snapshot is not null);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = clock.CreateTimer(_ => Look(), null, Interval, Interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A sentence about a worker that was silent for longer than the limit, or null.</summary>
    public string? FindStuck(TimeSpan limit)
    {
        Look();
        long now = clock.GetTimestamp();
        lock (_lock)
        {
            foreach ((int worker, Seen seen) in _seen)
            {
                TimeSpan silence = clock.GetElapsedTime(seen.At, now);
                if (silence > limit) return $"media worker {worker} was silent for {silence.TotalSeconds:0} s";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
    }

    /// <summary>Each report is an object of its own: another object means the worker turned since.</summary>
    private void Look()
    {
        if (snapshots is null) return;
        long now = clock.GetTimestamp();
        lock (_lock)
        {
            foreach (int worker in snapshots.Expected) _seen.TryAdd(worker, new Seen(null, now));
            foreach (WorkerSnapshot snapshot in snapshots.Latest)
            {
                if (!_seen.TryGetValue(snapshot.Worker, out Seen seen) || !ReferenceEquals(seen.Snapshot, snapshot)) _seen[snapshot.Worker] = new Seen(snapshot, now);
            }
        }
    }

    private readonly record struct Seen(WorkerSnapshot? Snapshot, long At);
}
