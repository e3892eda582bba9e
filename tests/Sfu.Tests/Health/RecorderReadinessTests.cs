using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Tests.Hosting;
using Sfu.Tests.Observability;
using Sfu.Tests.Recordings;

namespace Sfu.Tests.Health;

/// <summary>A node that must record and cannot takes no calls, and says so.</summary>
public sealed class RecorderReadinessTests
{
    private readonly FakeRecorder _recorder = new(TimeProvider.System);

    [Fact]
    public async Task Ready_MustRecordAndCannot_Is503UntilItCan()
    {
        await using TestServer server = await StartAsync("required");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/ready")).Status);

        _recorder.Unavailable = RecordingCause.DiskFull;
        Answer refused = await server.SendAsync(HttpMethod.Get, "/healthz/ready");
        Assert.Equal((503, "calls must be recorded and cannot be: disk_full\n"), (refused.Status, refused.Body));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);

        _recorder.Unavailable = null;
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/ready")).Status);
    }

    [Theory]
    [InlineData("best_effort")]
    [InlineData("off")]
    public async Task Ready_NeedNotRecord_Is200WithoutARecorder(string policy)
    {
        await using TestServer server = await StartAsync(policy);
        _recorder.Unavailable = RecordingCause.RecorderDown;

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/ready")).Status);
    }

    [Fact]
    public async Task RecorderChanged_DiskComesBack_IsToldOnceEachAndTheRecorderStartsByItself()
    {
        string data = Directory.CreateTempSubdirectory("sfu-recorder-changed-").FullName;
        string blocked = Path.Combine(data, "recorder");
        await File.WriteAllTextAsync(blocked, "a file where the recorder's folder belongs");
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var told = new Told();
        using (var service = new RecorderService(
            Options.Create(new ServerOptions { DataDirectory = data }), Options.Create(new RecordingOptions { Policy = "required" }), time,
            NullLogger<RecorderService>.Instance))
        using (var node = new RecordingNode(
            service, new TapDirectory(service, NullLogger<TapDirectory>.Instance), told, NullLogger<RecordingNode>.Instance, time))
        {
            await service.StartAsync(default);
            Assert.Equal(RecordingCause.WriteError, node.Unavailable);
            await node.StartAsync(default);
            await AdvanceUntilAsync(time, () => told.All.Length == 1);
            Assert.Equal([RecordingCause.WriteError], told.All);

            File.Delete(blocked);
            await AdvanceUntilAsync(time, () => told.All.Length == 2);
            Assert.Equal([RecordingCause.WriteError, null], told.All);
            Assert.Null(node.Unavailable);
            await node.StopAsync(default);
            await service.StopAsync(default);
        }

        Directory.Delete(data, recursive: true);
    }

    private static Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> condition) =>
        Eventually.TrueAsync(condition, () => time.Advance(TimeSpan.FromMilliseconds(250)));

    private async Task<TestServer> StartAsync(string policy)
    {
        TestServer server = await TestServer.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IRecordingNode>(_recorder)), ($"ApiKeys:{TestServer.Key}", TestServer.Secret), ("Recording:Policy", policy));
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        return server;
    }

    private sealed class Told : IRecordingNodeEvents
    {
        private readonly Lock _gate = new();
        private readonly List<RecordingCause?> _all = [];

        public RecordingCause?[] All
        {
            get
            {
                lock (_gate) return [.. _all];
            }
        }

        public void Changed(RoomKey room, Guid recording, NodeRecordingHealth health)
        {
        }

        public void RecorderChanged(RecordingCause? unavailable)
        {
            lock (_gate) _all.Add(unavailable);
        }
    }
}
