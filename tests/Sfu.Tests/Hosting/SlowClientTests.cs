using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Sfu.Tests.Hosting;

/// <summary>T23: who says nothing, or says it slowly, is gone within 15 s, and nobody else notices.</summary>
[Trait("Tier", "default")]
public sealed class SlowClientTests
{
    private const int Each = 100;

    /// <summary>The slow ones are let be for this long at least, so who waits for them waits longer.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task SlowAndSilentConnections_Within15Seconds_AreClosedWhileOthersAreServed()
    {
        await using TestServer server = await TestServer.StartAsync();
        string token = TestServer.Token(new { roomCreate = true });
        string[] beginnings =
        [
            "",                                                                            // says nothing
            "GET /healthz/live HTTP/1.1\r\nHost: a\r\nX-Slow: ",                           // never ends its headers
            "GET /healthz",                                                                // never ends its request line
            $"POST /v1/rooms HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{", // never ends its body
            "GET /healthz/live HTTP/1.1\r\nHost: a\r\n\r\n",                               // is answered and stays
        ];
        Task<TimeSpan>[] closed = [.. beginnings.SelectMany(text => Enumerable.Range(0, Each).Select(_ => UntilClosedAsync(server.Address.Port, text)))];

        var latencies = new List<TimeSpan>();
        while (!Task.WhenAll(closed).IsCompleted)
        {
            long begin = Stopwatch.GetTimestamp();
            Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/healthz/live")).Status);
            latencies.Add(Stopwatch.GetElapsedTime(begin));
            await Task.WhenAny(Task.WhenAll(closed), Task.Delay(TimeSpan.FromMilliseconds(20)));      // so many that p99 is not the slowest one
        }

        TimeSpan last = (await Task.WhenAll(closed)).Max();
        Assert.True(last <= TimeSpan.FromSeconds(15), $"the slowest was closed after {last}");
        latencies.Sort();
        Assert.True(latencies[latencies.Count * 99 / 100] < TimeSpan.FromSeconds(1.5), $"p99 of the others: {latencies[latencies.Count * 99 / 100]}");
        Assert.True(latencies[latencies.Count / 2] < TimeSpan.FromSeconds(0.5), $"half of the others waited {latencies[latencies.Count / 2]}");
        Assert.True(latencies[^1] < Held, $"one of the others waited {latencies[^1]}: for the slow ones");
    }

    [Theory]
    [InlineData("line")]
    [InlineData("header")]
    [InlineData("count")]
    public async Task Request_OverTheLimits_IsRefused(string what)
    {
        await using TestServer server = await TestServer.StartAsync();
        string request = what switch
        {
            "line" => $"GET /{new string('a', 21 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n",
            "header" => $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 33 * 1024)}\r\n\r\n",
            _ => $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, 65).Select(i => $"X{i}: 1\r\n"))}\r\n",
        };

        string answer = await ExchangeAsync(server.Address.Port, request);

        Assert.Matches("^HTTP/1.1 (414|431) ", answer);
    }

    private static async Task<TimeSpan> UntilClosedAsync(int port, string beginning)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning));
        var clock = Stopwatch.StartNew();
        byte[] buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(60)) > 0)
            {
            }
        }
        catch (IOException)
        {
            // reset instead of closed: gone as well
        }

        return clock.Elapsed;
    }

    private static async Task<string> ExchangeAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        byte[] buffer = new byte[1024];
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
    }
}
