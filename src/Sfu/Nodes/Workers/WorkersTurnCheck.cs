using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sfu.Nodes.Workers;

/// <summary>Liveness: every media worker turns, which its snapshot each second shows. Never asks the store or the cluster.</summary>
internal sealed class WorkersTurnCheck(WorkerFleet fleet) : IHealthCheck
{
    /// <summary>Silence after which a worker counts as stuck.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (fleet.Ports.Count == 0) return Task.FromResult(HealthCheckResult.Unhealthy("No media worker runs yet."));
        IReadOnlyList<int> stuck = fleet.FindStuck(Limit);
        return Task.FromResult(stuck.Count == 0
            ? HealthCheckResult.Healthy("All media workers turn.")
            : HealthCheckResult.Unhealthy($"Media workers that do not turn: {string.Join(", ", stuck)}."));
    }
}
