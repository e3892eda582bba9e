using Orleans.Statistics;

namespace Sfu.Rooms;

/// <summary>Ends what Orleans does every second for other nodes, once it has started: there are none.</summary>
/// <remarks>It listens to the runtime's 27 event counters for the one of the CPU, which is looked at to place a grain on the least busy of several nodes.
/// The figure stays what it was; those of memory do not depend on it.</remarks>
internal sealed class QuietSilo(IEnvironmentStatisticsProvider statistics) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        (statistics as IDisposable)?.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
