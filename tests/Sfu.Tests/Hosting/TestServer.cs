using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sfu.Hosting;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rest;
using Sfu.Rooms;
using Sfu.Tests.Observability;
using Sfu.Tests.Rest;

namespace Sfu.Tests.Hosting;

/// <summary>The real server on a port of its own, with its rooms and media replaced by what a test sets.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Key = "testkey";

    private const int LongBody = 1024 * 1024;

    private TestServer(WebApplication app, string data)
    {
        App = app;
        Data = data;
        TimeSpan patience = TimeSpan.FromSeconds(30);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, Expect100ContinueTimeout = patience })
        {
            BaseAddress = new Uri(app.Urls.First()),
            Timeout = patience,
        };
    }

    public WebApplication App { get; }

    public string Data { get; }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public FakeRooms Rooms => App.Services.GetRequiredService<FakeRooms>();

    public FakeNode Node => App.Services.GetRequiredService<FakeNode>();

    public FakeSnapshots Snapshots => App.Services.GetRequiredService<FakeSnapshots>();

    public static string Secret { get; } = RandomNumberGenerator.GetHexString(48, lowercase: true);

    /// <summary>Starts a server with one API key; settings are options without the <c>Sfu:</c> in front.</summary>
    public static Task<TestServer> StartAsync(params (string Option, string Value)[] settings) =>
        StartAsync(null, [($"ApiKeys:{Key}", Secret), .. settings]);

    /// <summary>Starts a server with these settings only.</summary>
    public static async Task<TestServer> StartAsync(Action<WebApplicationBuilder>? adapt, params (string Option, string Value)[] settings)
    {
        string data = Path.Combine(Path.GetTempPath(), $"sfu-test-{Guid.NewGuid():N}");
        string[] args = [$"--Sfu:Http:Port=0", $"--Sfu:DataDirectory={data}", "--Sfu:Log:Level=error", "--Sfu:Signalling:FailuresPerAddress=10000", .. settings.Select(s => $"--Sfu:{s.Option}={s.Value}")];
        WebApplication app = ServerHost.Build(args, builder =>
        {
            KeepHostOnly(builder.Services);
            adapt?.Invoke(builder);
        });
        await ServerHost.StartAsync(app);
        return new TestServer(app, data);
    }

    /// <summary>A token of the test's key.</summary>
    public static string Token(object video, string? identity = "back-end", long seconds = 600) => Sign(new
    {
        iss = Key,
        sub = identity ?? "",
        nbf = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5,
        exp = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds,
        video,
    });

    public static string Sign(object claims) => Sign("""{"alg":"HS256","typ":"JWT"}""", JsonSerializer.Serialize(claims), Secret);

    public static string Sign(string header, string claims, string secret)
    {
        string body = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{body}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)))}";
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? token = null, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        request.Headers.ExpectContinue = json is { Length: > LongBody };   // as curl does: who is refused by the length is told before it sends
        using HttpResponseMessage response = await Client.SendAsync(request);
        return new Answer(response, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Takes the real rooms and media out: these tests are about the host.</summary>
    private static void KeepHostOnly(IServiceCollection services)
    {
        string[] parts = ["Orleans", "Sfu.Rooms", "Sfu.Recordings", "Sfu.Placement", "Sfu.Nodes", "Sfu.Signalling", "Sfu.Router"];
        foreach (ServiceDescriptor descriptor in services.Where(d => d.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService)).ToList())
        {
            string? from = (descriptor.ImplementationType ?? descriptor.ImplementationInstance?.GetType() ?? descriptor.ImplementationFactory?.Method.DeclaringType)?.FullName;
            if (from is not null && parts.Any(part => from.StartsWith(part, StringComparison.Ordinal))) services.Remove(descriptor);
        }

        services.RemoveAll<Orleans.Runtime.ISiloStatusOracle>();
        services.AddSingleton<FakeRooms>();
        services.AddSingleton<FakeNode>();
        services.AddSingleton<FakeSnapshots>();
        services.Replace(ServiceDescriptor.Singleton<IRooms>(s => s.GetRequiredService<FakeRooms>()));
        services.AddSingleton<Sfu.Tests.Recordings.KeeperRecordings>();
        services.Replace(ServiceDescriptor.Singleton<Sfu.Recordings.IRoomRecordings>(s => s.GetRequiredService<Sfu.Tests.Recordings.KeeperRecordings>()));
        services.Replace(ServiceDescriptor.Singleton<IRoomDirectory>(s => s.GetRequiredService<FakeRooms>()));
        services.Replace(ServiceDescriptor.Singleton<ILocalNode>(s => s.GetRequiredService<FakeNode>()));
        services.Replace(ServiceDescriptor.Singleton<IWorkerSnapshots>(s => s.GetRequiredService<FakeSnapshots>()));
    }
}

/// <summary>What a request was answered.</summary>
internal sealed record Answer(HttpResponseMessage Response, string Body)
{
    public int Status => (int)Response.StatusCode;

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Header(string name) => Response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values)
        : Response.Content.Headers.TryGetValues(name, out values) ? string.Join(",", values) : null;

    public override string ToString() => $"{Status} {Body}";
}

/// <summary>This process, as a test wants it.</summary>
internal sealed class FakeNode : ILocalNode
{
    public string Id => "node-1";

    public bool IsDraining { get; set; }
}
