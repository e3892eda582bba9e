using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Observability;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Observability;

public sealed partial class MetricsTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private TestServer Server => fixture.Server;

    [Fact]
    public async Task Scrape_WorkerSnapshots_AreSummedIntoTheFamilies()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make(0, packets: 100, dropped: 3), FakeSnapshots.Make(1, packets: 1000, dropped: 4)];

        string text = await ScrapeAsync(server);

        Assert.Equal(1100, Value(text, """sfu_packets_total{direction="in",kind="audio"}"""));
        Assert.Equal(1102, Value(text, """sfu_packets_total{direction="in",kind="video"}"""));
        Assert.Equal(1104, Value(text, """sfu_packets_total{direction="out",kind="audio"}"""));
        Assert.Equal(1108, Value(text, """sfu_bytes_total{direction="in",kind="audio"}"""));
        Assert.Equal(1114, Value(text, """sfu_bytes_total{direction="out",kind="video"}"""));
        Assert.Equal(7, Value(text, """sfu_packets_dropped_total{reason="replay"}"""));
        Assert.Equal(24, Value(text, """sfu_nacks_total{direction="in"}"""));
        Assert.Equal(22, Value(text, """sfu_nacks_total{direction="out"}"""));
        Assert.Equal(26, Value(text, "sfu_retransmissions_total"));
        Assert.Equal(2, Value(text, """sfu_producers{kind="audio"}"""));
        Assert.Equal(8, Value(text, """sfu_consumers{kind="video"}"""));
        Assert.Equal(0.25, Value(text, """sfu_worker_busy_ratio{worker="1"}"""));
        Assert.Equal(10, Value(text, """sfu_udp_messages_total{direction="out"}"""));
        Assert.Equal(36, Value(text, """sfu_udp_messages_total{direction="in"}"""));
        Assert.Equal(0.003, Value(text, """sfu_worker_turn_max_seconds{worker="0"}"""));
        Assert.Equal(1, Value(text, """sfu_worker_real_time{worker="0"}"""));
        Assert.Equal(4, Value(text, """sfu_worker_shed_level{worker="1"}"""));
        Assert.Equal(2 * 34, Value(text, """sfu_worker_shed_changes_total{step="all_video",reason="socket_drops"}"""));
        Assert.Equal(42, Value(text, "sfu_retransmissions_shed_total"));
        Assert.Equal(62, Value(text, "sfu_retransmissions_paced_total"));
        Assert.Equal(64, Value(text, "sfu_retransmissions_dropped_total{reason=\"late\"}"));
        Assert.Equal(66, Value(text, "sfu_retransmissions_dropped_total{reason=\"full\"}"));
        Assert.Equal(68, Value(text, "sfu_retransmissions_dropped_total{reason=\"gone\"}"));
        Assert.Equal(0.004, Value(text, """sfu_worker_turn_late_seconds{worker="0"}"""));
    }

    [Fact]
    public async Task Scrape_SnapshotsThatGoOn_OnlyRaiseCounters()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make(packets: 100)];
        await ScrapeAsync(server);
        server.Snapshots.Latest = [FakeSnapshots.Make(packets: 250)];

        Assert.Equal(250, Value(await ScrapeAsync(server), """sfu_packets_total{direction="in",kind="audio"}"""));
    }

    [Fact]
    public async Task Scrape_ForwardDelays_AddWhatEachWorkersBucketsGrewBy()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Snapshots.Latest = [FakeSnapshots.Make(0, packets: 100), FakeSnapshots.Make(1, packets: 10)];
        await ScrapeAsync(server);
        server.Snapshots.Latest = [FakeSnapshots.Make(0, packets: 150), FakeSnapshots.Make(1, packets: 10)];

        string text = await ScrapeAsync(server);

        Assert.Equal(160, Value(text, """sfu_forward_delay_seconds_bucket{le="0.0001"}"""));
        Assert.Equal(160, Value(text, """sfu_forward_delay_seconds_bucket{le="0.1"}"""));
        Assert.Equal(164, Value(text, "sfu_forward_delay_seconds_count"));
        Assert.Equal(160 * 0.00005 + 1, Value(text, "sfu_forward_delay_seconds_sum")!.Value, 9);
    }

    [Fact]
    public async Task Scrape_BeforeAnythingHappened_HasTheFirstSetAtZero()
    {
        string text = await ScrapeAsync(Server);

        Assert.All(
            new[] { "sfu_joins_total{", "sfu_leaves_total{", "sfu_rooms ", "sfu_participants ", "sfu_packets_total{", "sfu_bytes_total{", "sfu_packets_dropped_total{", "sfu_join_duration_seconds_count ", "sfu_first_frame_seconds_count{", "sfu_node_draining ", "sfu_build_info{" },
            family => Assert.Contains($"\n{family}", text, StringComparison.Ordinal));
        foreach (DropReason reason in Enum.GetValues<DropReason>().Where(r => r is not (DropReason.None or DropReason.Count)))
        {
            Assert.NotNull(Value(text, $"sfu_packets_dropped_total{{reason=\"{SnakeCase().Replace(reason.ToString(), "_$0").TrimStart('_').ToLowerInvariant()}\"}}"));
        }
    }

    [Fact]
    public async Task Scrape_Joins_FillTheHistograms()
    {
        await using TestServer server = await TestServer.StartAsync();
        JoinMetrics joins = server.App.Services.GetRequiredService<JoinMetrics>();
        joins.Connected(TimeSpan.FromMilliseconds(300));
        joins.FirstMedia(MediaKind.Video, TimeSpan.FromMilliseconds(80), TimeSpan.FromSeconds(9));
        joins.FirstMedia(MediaKind.Video, TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(20));

        string text = await ScrapeAsync(server);

        Assert.Equal(0, Value(text, """sfu_join_duration_seconds_bucket{le="0.25"}"""));
        Assert.Equal(1, Value(text, """sfu_join_duration_seconds_bucket{le="0.5"}"""));
        Assert.Equal(0.3, Value(text, "sfu_join_duration_seconds_sum"));
        Assert.Equal(2, Value(text, """sfu_first_frame_seconds_count{kind="video"}"""));
        Assert.Equal(0.1, Value(text, """sfu_first_frame_seconds_sum{kind="video"}"""));
        Assert.Equal(0, Value(text, """sfu_first_frame_seconds_count{kind="audio"}"""));
    }

    [Fact]
    public async Task Scrape_Draining_IsOne()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(0, Value(await ScrapeAsync(server), "sfu_node_draining"));
        server.Node.IsDraining = true;

        Assert.Equal(1, Value(await ScrapeAsync(server), "sfu_node_draining"));
    }

    [Fact]
    public async Task Scrape_AllFamilies_KeepTheRulesOfOperations()
    {
        string text = await ScrapeAsync(Server);
        string[] series = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
        string[] own = [.. text.Split('\n').Where(line => line.StartsWith("# TYPE sfu_", StringComparison.Ordinal))];

        Assert.True(series.Length <= 3000, $"{series.Length} series");
        Assert.All(own.Where(line => line.EndsWith(" counter", StringComparison.Ordinal)), line => Assert.EndsWith("_total counter", line, StringComparison.Ordinal));
        string[] forbidden = ["room=", "participant=", "tenant=", "identity=", "address="];
        Assert.DoesNotContain(series.Where(line => line.StartsWith("sfu_", StringComparison.Ordinal)), line => forbidden.Any(label => line.Contains(label, StringComparison.Ordinal)));
        Assert.Equal(own.Length, own.Distinct().Count());

        var times = new List<TimeSpan>();
        for (int i = 0; i < 20; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            await ScrapeAsync(Server);
            times.Add(Stopwatch.GetElapsedTime(begin));
        }

        times.Sort();
        Assert.True(times[10] <= TimeSpan.FromMilliseconds(50), $"median scrape {times[10].TotalMilliseconds} ms");
    }

    [Fact]
    public async Task Scrape_OpenMetricsAccepted_AnswersItsFormat()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        using HttpResponseMessage response = await Server.Client.SendAsync(request);

        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("# EOF\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Each scrape exchanges what a counter keeps, and what is written into old objects makes the collector's pauses longer.</summary>
    [Fact]
    public async Task Counted_WithinATrace_KeepsNoExemplar()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.AddObservability();
        await using ServiceProvider services = builder.Services.BuildServiceProvider();
        using Activity activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        services.GetRequiredService<IMetricFactory>().CreateCounter("counted_total", "").Inc();

        using var answer = new MemoryStream();
        await services.GetRequiredService<CollectorRegistry>().CollectAndExportAsTextAsync(answer, ExpositionFormat.OpenMetricsText);
        string text = Encoding.UTF8.GetString(answer.ToArray());
        Assert.Contains("counted_total 1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("trace_id", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrape_ThroughAProxyThatNobodyDeclared_Is403()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");
        using HttpResponseMessage response = await Server.Client.SendAsync(request);

        Assert.Equal(403, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("10.1.2.3", 200)]
    [InlineData("11.1.2.3", 403)]
    [InlineData("11.1.2.3, 10.1.2.3", 403)] // the client speaks for somebody else: it is a proxy that nobody declared
    [InlineData("10.1.2.3, 11.1.2.3", 403)]
    public async Task Scrape_ThroughATrustedProxy_IsJudgedByTheClientsAddress(string forwarded, int status)
    {
        await using TestServer server = await TestServer.StartAsync(("Http:TrustedProxies", "127.0.0.0/8"), ("Metrics:AllowedNetworks", "10.0.0.0/8"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", forwarded);
        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Scrape_FromANetworkThatIsNotAllowed_Is403()
    {
        await using TestServer server = await TestServer.StartAsync(("Metrics:AllowedNetworks", "10.0.0.0/8,fd00::/8"));

        Assert.Equal(403, (await server.SendAsync(HttpMethod.Get, "/metrics")).Status);
    }

    internal static double? Value(string text, string series) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith($"{series} ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture)
            : null;

    internal static async Task<string> ScrapeAsync(TestServer server)
    {
        Answer answer = await server.SendAsync(HttpMethod.Get, "/metrics");
        Assert.Equal(200, answer.Status);
        return answer.Body;
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex SnakeCase();
}
