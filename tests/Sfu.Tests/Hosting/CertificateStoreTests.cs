using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Observability;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Hosting;

public sealed class CertificateStoreTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-cert-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly RecordingLogger<CertificateStore> _log = new();
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    [Fact]
    public void Load_PemWithChain_PresentsTheIntermediateToo()
    {
        using CertificateStore store = Start("one.example");

        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);
        Assert.Equal(["CN=intermediate"], store.Context.IntermediateCertificates.Select(c => c.Subject));
    }

    [Fact]
    public void Refresh_FilesChanged_PresentsTheNewCertificate()
    {
        using CertificateStore store = Start("one.example");
        Write(TestCertificates.Make("two.example"));

        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);
        _clock.Advance(Interval);

        Assert.Equal("CN=two.example", store.Context.TargetCertificate.Subject);
    }

    [Fact]
    public void Refresh_BrokenFile_KeepsTheOldAndSaysSoOnce()
    {
        using CertificateStore store = Start("one.example");
        File.WriteAllText(Certificate, "-----BEGIN CERTIFICATE-----\nbroken");
        for (int i = 0; i < 5; i++) _clock.Advance(Interval);

        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);
        Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Warning);

        Write(TestCertificates.Make("two.example"));
        _clock.Advance(Interval);

        Assert.Equal("CN=two.example", store.Context.TargetCertificate.Subject);
    }

    [Fact]
    public void Refresh_KeyOfAnotherCertificate_KeepsTheOldUntilBothFit()
    {
        using CertificateStore store = Start("one.example");
        (string chain, string key) = TestCertificates.Make("two.example");
        File.WriteAllText(Certificate, chain); // as a renewal that was caught half-way
        _clock.Advance(Interval);
        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);

        File.WriteAllText(Key, key);
        _clock.Advance(Interval);

        Assert.Equal("CN=two.example", store.Context.TargetCertificate.Subject);
    }

    [Fact]
    public void Refresh_FileGoneForAWhile_KeepsTheOldAndSaysSoOnce()
    {
        using CertificateStore store = Start("one.example");
        File.Delete(Key);
        for (int i = 0; i < 3; i++) _clock.Advance(Interval);

        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);
        Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Warning);
    }

    [Fact]
    public void Refresh_ExpiredCertificate_KeepsTheOld()
    {
        using CertificateStore store = Start("one.example");
        Write(TestCertificates.Make("old.example", DateTimeOffset.UtcNow.AddDays(-3)));
        _clock.Advance(Interval);

        Assert.Equal("CN=one.example", store.Context.TargetCertificate.Subject);
        Assert.Contains(_log.Entries, entry => entry.Message.Contains("ended at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metric_FollowsReloadsAndIgnoresWhatIsRefused()
    {
        using CertificateStore store = Start("one.example");
        Assert.Equal([Series(TestCertificates.End)], await ScrapeAsync());

        DateTimeOffset renewed = TestCertificates.End.AddDays(5);
        Write(TestCertificates.Make("one.example", renewed));
        _clock.Advance(Interval);
        Assert.Equal([Series(renewed)], await ScrapeAsync());

        File.WriteAllText(Certificate, "broken");
        _clock.Advance(Interval);
        Assert.Equal([Series(renewed)], await ScrapeAsync());
    }

    [Fact]
    public async Task Metric_WithoutHttps_HasNoSeries()
    {
        _ = NewMetrics();
        Assert.Empty(await ScrapeAsync());
    }

    [Fact]
    public void Load_EndIsNear_WarnsOnceForEachCertificate()
    {
        DateTimeOffset soon = DateTimeOffset.UtcNow.AddDays(13);
        Write(TestCertificates.Make("one.example", soon));
        using var store = new CertificateStore(Settings, _log, NewMetrics(), _clock);
        for (int i = 0; i < 5; i++) _clock.Advance(Interval);
        Assert.Equal([$"The certificate of CN=one.example ends at {soon.UtcDateTime:u}, in 12 days: replace its files, no restart is needed"], Warnings());

        Write(TestCertificates.Make("two.example", soon));
        for (int i = 0; i < 5; i++) _clock.Advance(Interval);
        Assert.Equal(2, Warnings().Length);
        Assert.Contains("CN=two.example", Warnings()[1], StringComparison.Ordinal);

        Write(TestCertificates.Make("two.example"));
        for (int i = 0; i < 5; i++) _clock.Advance(Interval);
        Assert.Equal(2, Warnings().Length);
    }

    [Fact]
    public void Refresh_EndComesNear_WarnsOnceWithoutAReload()
    {
        Write(TestCertificates.Make("one.example", _clock.GetUtcNow() + CertificateStore.WarnBefore + TimeSpan.FromSeconds(12)));
        using var store = new CertificateStore(Settings, _log, NewMetrics(), _clock);
        _clock.Advance(Interval);
        Assert.Empty(Warnings());

        for (int i = 0; i < 5; i++) _clock.Advance(Interval);
        Assert.Single(Warnings());
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("swapped")]
    [InlineData("expired")]
    public void Start_UnusableFiles_StopsWithASentence(string fault)
    {
        (string chain, string key) = TestCertificates.Make("one.example", fault == "expired" ? DateTimeOffset.UtcNow.AddDays(-3) : null);
        Write(fault switch { "nothing" => ("", ""), "swapped" => (key, chain), _ => (chain, key) });

        StartUpException thrown = Assert.Throws<StartUpException>(() => new CertificateStore(Settings, NullLogger<CertificateStore>.Instance, NewMetrics(), _clock));

        Assert.Equal(78, thrown.ExitCode);
        Assert.StartsWith("Sfu:Http:Certificate and Sfu:Http:CertificateKey cannot be used:", thrown.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Certificate => Path.Combine(_folder, "cert.pem");

    private string Key => Path.Combine(_folder, "key.pem");

    private IOptions<HttpOptions> Settings => Options.Create(new HttpOptions { Certificate = Certificate, CertificateKey = Key });

    private CertificateStore Start(string name)
    {
        Write(TestCertificates.Make(name));
        return new CertificateStore(Settings, _log, NewMetrics(), _clock);
    }

    private CertificateMetrics NewMetrics() => new(Metrics.WithCustomRegistry(_registry));

    /// <summary>Lines of the family, comments left out.</summary>
    private async Task<string[]> ScrapeAsync()
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream);
        return [.. System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n').Where(line => line.StartsWith("sfu_", StringComparison.Ordinal))];
    }

    private static string Series(DateTimeOffset end) => $"sfu_certificate_not_after_seconds {end.ToUnixTimeSeconds()}";

    private string[] Warnings() => [.. _log.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message)];

    private void Write((string Chain, string Key) pair)
    {
        File.WriteAllText(Certificate, pair.Chain);
        File.WriteAllText(Key, pair.Key);
    }
}
