using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Sfu.Tests.Hosting;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Health;

public sealed class HealthTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Ready_EverythingRuns_Is200()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];

        Answer answer = await server.SendAsync(HttpMethod.Get, "/healthz/ready");

        Assert.Equal((200, "ok\n", "no-store"), (answer.Status, answer.Body, answer.Header("Cache-Control")));
    }

    [Fact]
    public async Task Ready_NoWorkerYet_Is503AndSaysSo()
    {
        await using TestServer server = await StartAsync();

        await AssertNotReadyAsync(server, "no media worker has reported yet\n");
    }

    [Fact]
    public async Task Ready_Draining_Is503WhileLiveIs200()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        server.Node.IsDraining = true;

        await AssertNotReadyAsync(server, "draining\n");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);
    }

    [Fact]
    public async Task Ready_StoreFails_Is503WithoutItsMessageWhileLiveIs200()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        server.Rooms.Failure = new IOException("Host=secret-host");

        await AssertNotReadyAsync(server, "the store fails: IOException\n");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);
    }

    [Fact]
    public async Task Ready_StoreHangs_Is503AfterItsLimit()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        server.Rooms.Hang = new TaskCompletionSource();
        Task<Answer> asked = server.SendAsync(HttpMethod.Get, "/healthz/ready");
        await server.Rooms.CountAsked.Task.WaitAsync(TimeSpan.FromSeconds(10));

        while (!asked.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Yield();
        }

        Assert.Contains("the store does not answer\n", (await asked).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_AskedAgainWithinASecond_AsksTheStoreOnce()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        for (int i = 0; i < 5; i++) await server.SendAsync(HttpMethod.Get, "/healthz/ready");
        Assert.Equal(1, server.Rooms.Counted);

        _clock.Advance(TimeSpan.FromSeconds(1));
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        await server.SendAsync(HttpMethod.Get, "/healthz/ready");

        Assert.Equal(2, server.Rooms.Counted);
    }

    [Fact]
    public async Task Live_WorkerStuck_Is503()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make()];
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);

        _clock.Advance(TimeSpan.FromSeconds(11));

        Answer answer = await server.SendAsync(HttpMethod.Get, "/healthz/live");
        Assert.Equal((503, "media worker 0 was silent for 11 s\n"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Live_WorkerThatNeverReported_Is503AfterTheSameLimit()
    {
        await using TestServer server = await StartAsync();
        server.Snapshots.Expected = [0];
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);

        _clock.Advance(TimeSpan.FromSeconds(11));

        Answer answer = await server.SendAsync(HttpMethod.Get, "/healthz/live");
        Assert.Equal((503, "media worker 0 was silent for 11 s\n"), (answer.Status, answer.Body));
    }

    private static async Task AssertNotReadyAsync(TestServer server, string expected)
    {
        Answer answer = await server.SendAsync(HttpMethod.Get, "/healthz/ready");
        Assert.Equal((503, expected), (answer.Status, answer.Body));
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(
        builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock)), ($"ApiKeys:{TestServer.Key}", TestServer.Secret));
}
