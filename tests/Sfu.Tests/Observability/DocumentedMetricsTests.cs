using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Sfu.Hosting;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Observability;

/// <summary>The table of metrics in docs/api.md is what the whole server shows.</summary>
public sealed partial class DocumentedMetricsTests
{
    [Fact]
    public async Task Page_TableOfMetrics_IsThatOfTheServer()
    {
        string data = Path.Combine(Path.GetTempPath(), $"sfu-metrics-{Guid.NewGuid():N}");
        string certificate = Path.Combine(data, "cert.pem"), key = Path.Combine(data, "key.pem");
        Directory.CreateDirectory(data);
        (string chain, string privateKey) = TestCertificates.Make("localhost");
        await File.WriteAllTextAsync(certificate, chain);
        await File.WriteAllTextAsync(key, privateKey);
        WebApplication app = ServerHost.Build(
            [$"--Sfu:DataDirectory={data}", $"--Sfu:Http:Certificate={certificate}", $"--Sfu:Http:CertificateKey={key}", "--Sfu:Http:Port=0", "--Sfu:Media:UdpPort=0", "--Sfu:Media:TcpPort=-1", "--Sfu:Media:Workers=1", "--Sfu:Log:Level=error"]);
        try
        {
            await ServerHost.StartAsync(app);
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost" } }) { BaseAddress = new Uri(app.Urls.First()) };
            string text;
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            do
            {
                text = await client.GetStringAsync("/metrics", limit.Token); // until the worker has reported for the first time
            }
            while (!text.Contains("\nsfu_worker_busy_ratio{", StringComparison.Ordinal));

            Repository.AssertPart("docs/api.md", "metrics", Table(text));
        }
        finally
        {
            await app.StopAsync();
            await app.DisposeAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    private static string Table(string text)
    {
        string[] lines = text.Split('\n');
        var table = new StringBuilder("| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n");
        foreach (Match help in Help().Matches(text).OrderBy(match => match.Groups[1].Value, StringComparer.Ordinal))
        {
            string name = help.Groups[1].Value;
            string type = lines.First(line => line.StartsWith($"# TYPE {name} ", StringComparison.Ordinal)).Split(' ')[3];
            string? series = lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            Assert.True(series is not null, $"{name} has no series before anything happened: make its children when it is declared");
            string labels = string.Join(", ", Label().Matches(series).Select(match => match.Groups[1].Value).Where(label => label != "le").Select(label => $"`{label}`"));
            table.Append($"| `{name}` | {type} | {labels} | {help.Groups[2].Value} |\n");
        }

        return table.ToString();
    }

    [GeneratedRegex("^# HELP (sfu_[a-z_]+) (.+)$", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
