using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Recordings.Derivations;
using Sfu.Recordings.Evidence;
using Sfu.Recordings.Storage;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings;

/// <summary>Registers the control plane of recordings. The recorder (<see cref="IRecordingNode"/>), the archive's reader and the deriver are
/// registered by their own parts, before or after.</summary>
public static class RecordingRegistration
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddRecordings(this IServiceCollection services)
    {
        services.TryAddSingleton<IRecordingNode, NoRecorder>();
        services.TryAddSingleton<IRecordingArchive, FolderArchive>();
        services.TryAddSingleton<IRecordingVerifier, VerifierProcess>();
        services.TryAddSingleton<IDerivationKeys, NoDerivationKeys>();
        services.TryAddSingleton<IDeriver, DeriverProcess>();
        services.AddSingleton<RecordingMetrics>();
        services.AddSingleton<IRecordingStore>(OpenStore);
        services.AddSingleton<IRoomRecordings, GrainRecordings>();
        services.AddSingleton<IRecordedRooms, GrainRecordedRooms>();
        services.AddSingleton<IRecordingNodeEvents, RecordingNodeEvents>();
        services.AddSingleton<RecordingServices>();
        services.AddSingleton<DerivationQueue>();
        services.AddSingleton<IDerivations>(provider => provider.GetRequiredService<DerivationQueue>());
        services.AddHostedService(provider => provider.GetRequiredService<DerivationQueue>());
        services.AddHostedService<RecordingSweep>();
        return services;
    }

    private static SqliteRecordingStore OpenStore(IServiceProvider services)
    {
        try
        {
            return new SqliteRecordingStore(
                services.GetRequiredService<IOptions<ServerOptions>>().Value.DataDirectory, services.GetRequiredService<RecordingMetrics>());
        }
        catch (RoomStoreException e)
        {
            throw new StartUpException(ExitCode.Unavailable, e.Message, e);
        }
    }
}
