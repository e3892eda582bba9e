using Sfu.Rooms;

namespace Sfu.Signalling.Http;

/// <summary>Takes WHIP and WHEP participants out of their rooms when the process stops in order: they cannot resume.</summary>
/// <remarks>Registered after the rooms, so that it stops before them.</remarks>
internal sealed class HttpSessionsAtStop(HttpSessionRegistry registry, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Task all = Task.WhenAll(registry.Sessions.Select(session => session.EndAsync(LeaveReason.ServerShutdown, "")));
        return Task.WhenAny(all, Task.Delay(Limit, time, cancellationToken));
    }
}
