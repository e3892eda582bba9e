using Microsoft.Extensions.DependencyInjection.Extensions;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Workers;
using Sfu.Observability;
using Sfu.Recordings.Derivations;
using Sfu.Rooms;

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
        services.AddSingleton<IRoomTracks>(provider => new GrainRoomTracks(
            room => provider.GetRequiredService<IGrainFactory>().GetGrain<IRoomGrain>(room.ToString()),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GrainRoomTracks>>()));
        services.AddSingleton<IDiskSpace, DriveSpace>();
        services.AddSingleton<DiskWatch>();
        services.AddSingleton<RecorderService>();
        services.AddSingleton<TapDirectory>();
        services.AddSingleton<NodeServices>();
        services.AddSingleton<RecordingNode>();
        services.Replace(ServiceDescriptor.Singleton<IRecordingNode>(provider => provider.GetRequiredService<RecordingNode>()));
        services.Replace(ServiceDescriptor.Singleton<IDerivationKeys, RecorderKeys>());
        services.AddHostedService(provider => provider.GetRequiredService<DiskWatch>());   // before the recorder: what it may is known then
        services.AddHostedService(provider => provider.GetRequiredService<RecorderService>());
        services.AddHostedService(provider => provider.GetRequiredService<RecordingNode>());
        services.AddSingleton<MediaNode>();
        services.AddSingleton<IMediaNode>(provider => provider.GetRequiredService<MediaNode>());
        services.AddSingleton<IMediaSessions>(provider => provider.GetRequiredService<MediaNode>());
        services.AddHostedService<WorkerHost>();
        return builder;
    }
}
