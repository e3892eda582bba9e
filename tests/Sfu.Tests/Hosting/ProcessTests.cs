using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using Sfu.Security;

namespace Sfu.Tests.Hosting;

[Trait("Tier", "default")]
public sealed class ProcessTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"sfu-process-{Guid.NewGuid():N}");
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    [Theory]
    [InlineData(true, 4)] // as browsers do
    [InlineData(false, 10)] // the close is never answered: a dead phone
    public async Task Terminate_WithAnOpenSocket_EndsWith0WithinSeconds(bool answersClose, int seconds)
    {
        await using ServerProcess server = await ServerProcess.StartAsync($"DataDirectory={_data}");
        string token = await TokenAsync(server, "ann");
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("sfu.v1");
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new Uri($"{server.Url.Replace("http", "ws", StringComparison.Ordinal)}/ws?access_token={token}"), CancellationToken.None);
        await socket.SendAsync("""{"type":"join","id":1,"v":1,"client":{"name":"test"}}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await socket.ReceiveAsync(new byte[64 * 1024], CancellationToken.None);
        Task reading = answersClose ? ReadToEndAsync(socket) : Task.CompletedTask;

        (int code, TimeSpan took) = await server.TerminateAsync();

        await reading;
        Assert.True(code == 0, $"{code}\n{server.Output}");
        Assert.True(took < TimeSpan.FromSeconds(seconds), $"{took}\n{server.Output}");
        Assert.Contains("Development server, for this machine only. Open http://127.0.0.1:", server.Output, StringComparison.Ordinal);
    }

    /// <summary>T30, I12: whatever the level, no secret and no token is in what the server writes.</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Log_AtTrace_HoldsNoSecretAndNoToken(string format)
    {
        await using ServerProcess server = await ServerProcess.StartAsync($"DataDirectory={_data}", "Log:Level=trace", $"Log:Format={format}");
        string secret = (await File.ReadAllTextAsync(Path.Combine(_data, DevelopmentSecret.FileName))).Trim();
        string token = await TokenAsync(server, "ann");
        var canaries = new List<string> { secret, token, token.Split('.')[2] };

        await SendAsync(server, $"/ws?access_token={token}", null);
        await SendAsync(server, "/ws?access_token=canary-query-token", null);
        await SendAsync(server, $"/?room=a&token={token}", null);
        await SendAsync(server, "/v1/rooms", token);
        await SendAsync(server, "/v1/rooms", "canary-bearer-token");
        await SendAsync(server, $"/v1/rooms?access_token={token}", null);
        await SendAsync(server, "/whip/welcome", token, "v=0\r\na=ice-pwd:canary-ice-password\r\n");
        await SendAsync(server, $"/nothing?access_token={token}", null);
        (int code, _) = await server.TerminateAsync();

        Assert.Equal(0, code);
        Assert.True(server.Output.Length > 2000, "nothing was logged: the test proves nothing");
        Assert.All(canaries.Concat(["canary-query-token", "canary-bearer-token", "canary-ice-password"]), canary => Assert.DoesNotContain(canary, server.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ready_WithWarmUp_ComesAndThePacketPathIsCompiled()
    {
        await using ServerProcess server = await ServerProcess.StartAsync($"DataDirectory={_data}", "Media:WarmUp=true");

        await Eventually.TrueAsync(() => server.Output.Contains("The packet path is compiled", StringComparison.Ordinal), describe: () => server.Output);

        await Eventually.TrueAsync(async () => (await _client.GetAsync($"{server.Url}/healthz/ready")).IsSuccessStatusCode);
        (int code, _) = await server.TerminateAsync();
        Assert.Equal(0, code);
    }

    /// <summary>What has nothing to do with packets costs as much as packets do when threads are woken for it: 0.1 to 0.3 ms a time.</summary>
    [Fact]
    public async Task Idle_AfterItsStart_WakesSeldom()
    {
        const int PerSecond = 60;                          // measured: 35; with what Orleans and our timers do by themselves it was 125
        await using ServerProcess server = await ServerProcess.StartAsync($"DataDirectory={_data}");
        (long wakes, long at) = (server.CountWakes(), Stopwatch.GetTimestamp());
        double rate = double.MaxValue;

        await Eventually.TrueAsync(() => rate <= PerSecond, meanwhile: () =>
        {
            TimeSpan passed = Stopwatch.GetElapsedTime(at);
            if (passed < TimeSpan.FromSeconds(2)) return;
            rate = (server.CountWakes() - wakes) / passed.TotalSeconds;
            (wakes, at) = (server.CountWakes(), Stopwatch.GetTimestamp());
        }, describe: () => $"{rate:0} a second");
    }

    public void Dispose()
    {
        _client.Dispose();
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }

    private static async Task ReadToEndAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private async Task<string> TokenAsync(ServerProcess server, string name) =>
        System.Text.Json.JsonDocument.Parse(await _client.GetStringAsync($"{server.Url}/dev/token?room=welcome&name={name}")).RootElement.GetProperty("token").GetString()!;

    private async Task SendAsync(ServerProcess server, string path, string? token, string? sdp = null)
    {
        using var request = new HttpRequestMessage(sdp is null ? HttpMethod.Get : HttpMethod.Post, server.Url + path);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        if (sdp is not null) request.Content = new StringContent(sdp, Encoding.UTF8, "application/sdp");
        using HttpResponseMessage response = await _client.SendAsync(request);
    }
}
