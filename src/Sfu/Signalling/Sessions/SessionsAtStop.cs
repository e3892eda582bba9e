namespace Sfu.Signalling.Sessions;

/// <summary>Tells all clients when the process begins to stop, before the web server waits for their connections to end.</summary>
internal sealed class SessionsAtStop(SessionRegistry registry, IHostApplicationLifetime lifetime) : IHostedService
{
    private CancellationTokenRegistration _registration;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = lifetime.ApplicationStopping.Register(() =>
        {
            foreach (Session session in registry.Sessions) session.Stop();
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration.Dispose();
        return Task.CompletedTask;
    }
}
