using System.Globalization;
using System.Text;
using System.Text.Json;
using Prometheus;
using Sfu.Observability;
using Sfu.Recorder.Capture;
using Sfu.Tests.Recordings;

namespace Sfu.Tests.Observability;

/// <summary>What /metrics says of a real recorder on a real disk.</summary>
[Trait("Tier", "default")]
public sealed class RecorderMetricsTests : IDisposable
{
    private readonly RealRecording _recording = new();
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public RecorderMetricsTests() => _ = new RecorderMetrics(_registry, Metrics.WithCustomRegistry(_registry), _recording.Service);

    public void Dispose() => _recording.Dispose();

    [Fact]
    public async Task Scrape_BeforeTheRecorderRuns_SaysThatNothingIsWrong()
    {
        Dictionary<string, double> shown = await ScrapeAsync();

        Assert.Equal((0, 0), (shown["sfu_recording_lease_fresh"], shown["sfu_recording_written_bytes_total"]));
        Assert.All(shown.Where(pair => pair.Key.StartsWith("sfu_recording_unavailable{", StringComparison.Ordinal)), pair => Assert.Equal(0, pair.Value));
    }

    [Fact]
    public async Task Scrape_WhileItRecords_ShowsLeaseBytesAndSyncs()
    {
        RecordingTap tap = await _recording.BeginAsync();

        Dictionary<string, double> shown = await UntilAsync(now =>
            now["sfu_recording_lease_fresh"] == 1 && now["sfu_recording_written_bytes_total"] > 0 && now["sfu_recording_open"] == 1);

        Assert.InRange(shown["sfu_recording_sync_duration_seconds_count"], 1, 1000);
        Assert.InRange(shown["sfu_recording_last_commit_timestamp_seconds"], 1.7e9, DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeSeconds());
        Assert.Equal(1, shown["sfu_recording_log_files"]);
        Assert.Equal(0, shown["sfu_recording_unarchived_packets"]);
        Assert.InRange(shown["sfu_recording_lag_seconds{stage=\"written\"}"], 0, 60);
        Assert.InRange(shown["sfu_recording_lag_seconds{stage=\"synced\"}"], 0, 60);
        await _recording.StopAsync(tap);
        await UntilAsync(now => now["sfu_recording_open"] == 0 && now["sfu_recording_unarchived_bytes"] == 0 && now["sfu_recording_timestamps_pending"] == 0);
    }

    [Fact]
    public async Task Scrape_PacketThatFoundNoRoom_IsUnarchived()
    {
        RecordingTap tap = await _recording.BeginAsync();
        Assert.False(tap.OnRtp(default, new byte[70_000], isRepaired: false));

        await UntilAsync(now => now["sfu_recording_unarchived_packets"] == 1);
        await _recording.StopAsync(tap);
        await UntilAsync(now => now["sfu_recording_open"] == 0 && now["sfu_recording_unarchived_packets"] == 1);
    }

    [Fact]
    public async Task Scrape_SealedRecording_HasAddedItsGapsByCause()
    {
        await _recording.SealAsync();
        using JsonDocument manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_recording.Folder, "recording.json")));

        Dictionary<string, double> shown = await ScrapeAsync();

        foreach (IGrouping<string, JsonElement> gaps in manifest.RootElement.GetProperty("gaps").EnumerateArray().GroupBy(gap => gap.GetProperty("cause").GetString()!))
            Assert.Equal(gaps.Sum(gap => gap.GetProperty("ms").GetInt64()) / 1000.0, shown[$"sfu_recording_gap_seconds_total{{cause=\"{gaps.Key}\"}}"], 6);
        Assert.InRange(shown["sfu_recording_gap_seconds_total{cause=\"wire_loss\"}"], 0.02, 1);
        Assert.Equal(0, shown["sfu_recording_gap_seconds_total{cause=\"recorder_fault\"}"]);
        Assert.Equal(0, shown["sfu_recording_gaps_omitted_total"]);
    }

    private async Task<Dictionary<string, double>> UntilAsync(Func<Dictionary<string, double>, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            Dictionary<string, double> shown = await ScrapeAsync();
            if (condition(shown)) return shown;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<Dictionary<string, double>> ScrapeAsync()
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream);
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
