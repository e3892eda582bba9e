using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Prometheus;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Recordings;
using Sfu.Rooms.Decisions;
using Sfu.Rooms.Hub;
using Sfu.Rooms.Storage;
using Sfu.Security;

namespace Sfu.Rooms;

/// <summary>Registers the control plane: Orleans, the stores, rooms.</summary>
public static class RoomRegistration
{
    /// <summary>Registers Orleans, the room grain, its stores and log, <see cref="IRoomEventHub"/>, <see cref="IRoomDirectory"/>,
    /// <see cref="Placement.IRoomAdmission"/> and <see cref="Placement.ILocalNode"/>.</summary>
    public static WebApplicationBuilder AddRooms(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSection<RoomOptions, RoomOptionsValidator>();
        services.AddSection<Configuration.ClusterOptions, Configuration.ClusterOptionsValidator>();
        services.AddOptions<RoomOptions>().PostConfigure<IConfiguration>(
            (options, configuration) => options.AutoCreate ??= !configuration.GetSection(ApiKeyReader.Section).GetChildren().Any());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IMetricFactory>(_ => Metrics.DefaultFactory);

        AddNode(services);
        AddStore(services);
        services.AddOptions<RecordingOptions>();
        services.AddRecordings();
        AddSilo(builder);
        services.AddHostedService<RoomSweep>();
        return builder;
    }

    private static void AddNode(IServiceCollection services)
    {
        services.AddSingleton<RoomMetrics>();
        services.AddSingleton<LocalNode>();
        services.AddSingleton<ILocalNode>(provider => provider.GetRequiredService<LocalNode>());
        services.AddSingleton<ILiveNodes>(provider => provider.GetRequiredService<LocalNode>());
        services.AddSingleton<RoomCensus>();
        services.AddSingleton<IRoomGrains, RoomGrains>();
        services.AddSingleton<IRoomIds, RandomRoomIds>();
        services.AddSingleton<RoomServices>();
        services.AddSingleton<IRoomAdmission, RoomAdmission>();
        services.AddSingleton<IRoomEventHub, RoomEventHub>();
        services.AddSingleton<IRoomDirectory, RoomDirectory>();
    }

    private static void AddStore(IServiceCollection services)
    {
        services.AddSingleton<IRoomStore>(OpenStore);
    }

    private static SqliteRoomStore OpenStore(IServiceProvider services)
    {
        try
        {
            return new SqliteRoomStore(
                services.GetRequiredService<IOptions<ServerOptions>>().Value.DataDirectory, services.GetRequiredService<RoomMetrics>());
        }
        catch (RoomStoreException e)
        {
            throw new StartUpException(ExitCode.Unavailable, e.Message, e);
        }
    }

    private static void AddSilo(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SiloPort>();
        // Orleans takes any class of any assembly that implements our grain interfaces as a grain, a test's fake as well.
        builder.Services.PostConfigure<GrainTypeOptions>(options => options.Classes.RemoveWhere(IsForeign));
        builder.UseOrleans(silo => silo.UseLocalhostClustering().Configure<SiloMessagingOptions>(
            options => options.ResponseTimeout = TimeSpan.FromSeconds(5)));
        // After UseLocalhostClustering, whose ports are fixed; no gateway: nobody but this process is a client.
        builder.Services.AddOptions<EndpointOptions>().PostConfigure<SiloPort>((options, port) =>
        {
            options.SiloPort = port.EndPoint.Port;
            options.GatewayPort = 0;
        });
        builder.Services.AddOptions<DevelopmentClusterMembershipOptions>().PostConfigure<SiloPort>(
            (options, port) => options.PrimarySiloEndpoint = port.EndPoint);
        // Of use only where there is another node to place grains on: figures about this one, every second.
        builder.Services.AddOptions<DeploymentLoadPublisherOptions>().Configure(options => options.DeploymentLoadPublisherRefreshTime = TimeSpan.Zero);
        builder.Services.AddHostedService<QuietSilo>();
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft.Orleans", LogLevel.Warning);
    }

    private static bool IsForeign(Type grain) =>
        grain.Assembly != typeof(RoomGrain).Assembly && grain.GetInterfaces().Any(type => type.Assembly == typeof(IRoomGrain).Assembly);
}
