using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Prometheus;
using Sfu.Observability;

namespace Sfu.Tests.Observability;

/// <remarks>Runs alone: other tests' silos force collections, and of two that follow at once the later is seen.</remarks>
[Collection(nameof(PauseMetricsTests))]
[CollectionDefinition(nameof(PauseMetricsTests), DisableParallelization = true)]
public sealed class PauseMetricsTests
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    [Fact]
    public async Task Collection_Forced_IsAPause()
    {
        using var pauses = new PauseMetrics(_registry, Metrics.WithCustomRegistry(_registry));

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        Figures figures = await ReadAsync();

        Assert.True(figures.Pauses >= 1, $"{figures}");
        Assert.True(figures.Observed >= 1 && figures.Longest > 0 && figures.Sum > 0, $"{figures}");
        Assert.True(figures.Sum <= GC.GetTotalPauseDuration().TotalSeconds, $"{figures}, the runtime says {GC.GetTotalPauseDuration()}");
    }

    [Fact]
    public async Task LongPause_IsToldWithItsMoment()
    {
        using var pauses = new PauseMetrics(_registry, Metrics.WithCustomRegistry(_registry), longer: 0);
        Assert.Equal(0, (await ReadAsync()).LastLongAt);

        double before = Now();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        double after = Now();
        Figures figures = await ReadAsync();

        Assert.InRange(figures.LastLongAt, before - 0.001, after + 0.001);
        Assert.Equal(figures.Longest, figures.LastLong);
        Assert.Equal(figures.LastLongAt, (await ReadAsync()).LastLongAt);   // of the pause, not of the scrape

        static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
    }

    [Fact]
    public async Task ShortPause_IsNotToldAsALongOne()
    {
        using var pauses = new PauseMetrics(_registry, Metrics.WithCustomRegistry(_registry), longer: 3600);

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        Figures figures = await ReadAsync();

        Assert.True(figures is { Longest: > 0, LastLong: 0, LastLongAt: 0 }, $"{figures}");
    }

    /// <summary>Nobody scrapes between the collections: each is seen when it ends.</summary>
    [Fact]
    public async Task Collections_BetweenScrapes_AreEachSeen()
    {
        using var pauses = new PauseMetrics(_registry, Metrics.WithCustomRegistry(_registry));
        for (int i = 0; i < 5; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
        }

        Figures figures = await ReadAsync();

        Assert.True(figures.Pauses >= 5, $"{figures}");
    }

    [Fact]
    public async Task Collection_InTheBackground_IsOfThatKind()
    {
        using var pauses = new PauseMetrics(_registry, Metrics.WithCustomRegistry(_registry));
        long before = GC.GetGCMemoryInfo(GCKind.Background).Index;
        await Eventually.TrueAsync(
            () => GC.GetGCMemoryInfo(GCKind.Background).Index > before,
            meanwhile: () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false)); // one without a thread for it is done at once, and makes one

        Figures figures = await ReadAsync();

        Assert.True(figures.Background >= 1, $"{figures}");
    }

    private async Task<Figures> ReadAsync()
    {
        using var page = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(page);
        string text = Encoding.UTF8.GetString(page.ToArray());
        double Of(string name) => double.Parse(Regex.Match(text, $"^{Regex.Escape(name)} (\\S+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
        return new Figures(
            Of("sfu_gc_pauses_total"), Of("""sfu_gc_pause_seconds_count{kind="full"}"""), Of("""sfu_gc_pause_seconds_sum{kind="full"}"""), Of("sfu_gc_pause_longest_seconds"),
            Of("sfu_gc_pause_last_long_seconds"), Of("sfu_gc_pause_last_long_timestamp_seconds"), Of("""sfu_gc_pause_seconds_count{kind="background"}"""));
    }

    private sealed record Figures(double Pauses, double Observed, double Sum, double Longest, double LastLong, double LastLongAt, double Background);
}
