using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Nodes.Recording;
using Sfu.Placement;
using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;

namespace Sfu.Health;

/// <summary>Tells whether this node takes new calls: the silo is active, the store answers, the workers turn, and nothing drains.</summary>
internal sealed class Readiness(
    WorkerWatch workers, IHostApplicationLifetime lifetime, TimeProvider clock, ILocalNode? node = null, IRoomDirectory? rooms = null, ISiloStatusOracle? silo = null,
    IRecordingNode? recorder = null, IOptions<RecordingOptions>? recording = null, WarmUp? warmUp = null) : IDisposable
{
    /// <summary>Longest wait for the store; an orchestrator's probe waits 2 s.</summary>
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>How long the store's last answer counts, so that probes of many cannot load it.</summary>
    private static readonly TimeSpan StoreFresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private string? _storeProblem = "the store was not asked yet";
    private long _storeAskedAt;

    /// <summary>What is missing; empty when ready.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation)
    {
        var problems = new List<string>();
        if (lifetime.ApplicationStopping.IsCancellationRequested) problems.Add("stopping");
        if (!lifetime.ApplicationStarted.IsCancellationRequested) problems.Add("starting");
        if (warmUp?.IsAwaited == true) problems.Add("warming up");
        if (node is null) problems.Add("rooms are not part of this server");
        else if (node.IsDraining) problems.Add("draining");
        if (silo is not null && silo.CurrentStatus != SiloStatus.Active) problems.Add($"the silo is {silo.CurrentStatus}");
        if (workers.Count == 0) problems.Add("no media worker has reported yet");
        else if (workers.FindStuck(WorkerWatch.ReadyLimit) is { } stuck) problems.Add(stuck);
        bool mustRecord = recording?.Value.DefaultPolicy == RecordingPolicy.Required;
        if (mustRecord && recorder?.Unavailable is { } cause) problems.Add($"calls must be recorded and cannot be: {RecordingJson.Name(cause)}");
        if (rooms is not null && await AskStoreAsync(rooms, cancellation).ConfigureAwait(false) is { } store) problems.Add(store);
        return problems;
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<string?> AskStoreAsync(IRoomDirectory directory, CancellationToken cancellation)
    {
        if (!await _one.WaitAsync(StoreLimit, cancellation).ConfigureAwait(false)) return "the store does not answer";
        try
        {
            if (_storeAskedAt != 0 && clock.GetElapsedTime(_storeAskedAt) < StoreFresh) return _storeProblem;
            _storeProblem = await TryStoreAsync(directory, cancellation).ConfigureAwait(false);
            _storeAskedAt = clock.GetTimestamp();
            return _storeProblem;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<string?> TryStoreAsync(IRoomDirectory directory, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            Task<int> count = directory.CountAsync(limit.Token);
            await count.WaitAsync(StoreLimit, clock, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (TimeoutException)
        {
            await limit.CancelAsync().ConfigureAwait(false);
            return "the store does not answer";
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return $"the store fails: {e.GetType().Name}"; // the message could name hosts or users
        }
    }
}
