using Sfu.Hosting;
using Sfu.Rooms.Storage;

namespace Sfu.Rooms;

/// <summary>Opens the store before anything can ask for it.</summary>
internal sealed class RoomStoreStart(IServiceProvider services) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            services.GetRequiredService<IRoomStore>();
            return Task.CompletedTask;
        }
        catch (RoomStoreException e)
        {
            throw new StartUpException(ExitCode.Unavailable, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
