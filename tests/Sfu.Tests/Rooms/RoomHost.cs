using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Placement;
using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>A real silo with real rooms on a data directory of its own; only the media plane is written down instead of done.</summary>
internal sealed class RoomHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RoomHost(WebApplication app, string directory)
    {
        _app = app;
        Directory = directory;
    }

    public string Directory { get; }

    /// <summary>The directory stays when the host ends; for tests that start another one on it.</summary>
    public bool KeepsDirectory { get; set; }

    public RecordingMediaNode Media { get; } = new();

    public CollectorRegistry Metrics { get; } = Prometheus.Metrics.NewCustomRegistry();

    public ILocalNode Node => Get<ILocalNode>();

    public static Task<RoomHost> StartAsync(string? directory = null, params (string Key, string Value)[] settings) =>
        StartAsync(null, directory, settings);

    /// <summary>With a recorder.</summary>
    public static async Task<RoomHost> StartAsync(IRecordingNode? recorder, string? directory, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        directory ??= NewDirectory();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        { ["Sfu:DataDirectory"] = directory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section);
        RoomHost host = null!;
        builder.Services.AddSingleton<IMediaNode>(_ => host.Media);
        builder.Services.AddSingleton<IMetricFactory>(_ => Prometheus.Metrics.WithCustomRegistry(host.Metrics));
        if (recorder is not null) builder.Services.AddSingleton(recorder);
        builder.AddRooms();
        host = new RoomHost(builder.Build(), directory);
        await host._app.StartAsync();
        return host;
    }

    public static string NewDirectory() => System.IO.Directory.CreateTempSubdirectory("sfu-rooms-").FullName;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public IRoomGrain Room(RoomKey key) => Get<IGrainFactory>().GetGrain<IRoomGrain>(key.ToString());

    public JoinRequest Join(string identity, ParticipantRights? rights = null, bool mayCreate = true) =>
        TestData.Join(identity, rights, mayCreate, Node.Id);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (!KeepsDirectory) System.IO.Directory.Delete(Directory, recursive: true);
    }
}
