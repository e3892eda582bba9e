using Sfu.Nodes.Workers;
using Sfu.Observability;

namespace Sfu.Nodes;

/// <summary>Registers the media plane of this process.</summary>
public static class MediaNodeRegistration
{
    /// <summary>Registers the media workers, <see cref="IMediaNode"/>, <see cref="IMediaSessions"/> and the workers' snapshots.</summary>
    public static WebApplicationBuilder AddMediaNode(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IServiceCollection services = builder.Services;
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton<WorkerFleet>();
        services.AddSingleton<IWorkerSnapshots>(provider => provider.GetRequiredService<WorkerFleet>());
        services.AddSingleton<IRoomTracks, GrainRoomTracks>();
        services.AddSingleton<NodeServices>();
        services.AddSingleton<MediaNode>();
        services.AddSingleton<IMediaNode>(provider => provider.GetRequiredService<MediaNode>());
        services.AddSingleton<IMediaSessions>(provider => provider.GetRequiredService<MediaNode>());
        services.AddHostedService<WorkerHost>();
        return builder;
    }
}
