using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sockets;

/// <summary>The upgrade and a whole call over a real Kestrel (docs/signalling.md sections 1 and 9).</summary>
public sealed class WebSocketEndpointTests : IAsyncLifetime
{
    private SignallingServer _server = null!;

    public async Task InitializeAsync() => _server = await SignallingServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Get_WithoutUpgrade_IsBadRequest()
    {
        using HttpResponseMessage answer = await _server.SendAsync("GET", "/ws");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(null, null, 400)]
    [InlineData("sfu.v2", null, 400)]
    [InlineData("sfu.v1", "https://evil.example", 403)]
    public async Task Upgrade_Refused_AnswersItsStatus(string? subProtocol, string? origin, int status)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (subProtocol is not null) socket.Options.AddSubProtocol(subProtocol);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://127.0.0.1:{_server.Base.Port}/ws"), CancellationToken.None));
        Assert.Equal(status, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task Upgrade_TooManyOfOneAddress_Is429()
    {
        _server.World.Options.UnjoinedPerAddress = 1;
        using ClientWebSocket first = await _server.ConnectAsync();
        using var second = new ClientWebSocket();
        second.Options.CollectHttpResponseDetails = true;
        second.Options.AddSubProtocol("sfu.v1");
        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(new Uri($"ws://127.0.0.1:{_server.Base.Port}/ws"), CancellationToken.None));
        Assert.Equal(429, (int)second.HttpStatusCode);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("query")]
    [InlineData("message")]
    [InlineData("message wins")]
    public async Task Token_FromHeaderQueryOrJoin_IsTaken(string from)
    {
        using ClientWebSocket socket = await _server.ConnectAsync(
            from is "query" ? "?access_token=ann" : from is "message wins" ? "?access_token=bad" : "",
            adapt: options =>
            {
                options.SetRequestHeader("Origin", $"http://127.0.0.1:{_server.Base.Port}");
                if (from == "header") options.SetRequestHeader("Authorization", "Bearer ann");
            });
        Assert.Equal("sfu.v1", socket.SubProtocol);
        string token = from.StartsWith("message", StringComparison.Ordinal) ? ",\"token\":\"ann\"" : "";
        await SendAsync(socket, $$"""{"type":"join","id":1,"v":1,"client":{"name":"x"}{{token}}}""");
        JsonElement joined = await ReceiveAsync(socket);
        Assert.Equal("ann", joined.GetProperty("participant").GetProperty("identity").GetString());
    }

    [Fact]
    public async Task Call_OfTwo_GoesAsInTheExample()
    {
        using ClientWebSocket ann = await JoinAsync("ann+admin");
        using ClientWebSocket bo = await JoinAsync("bo");
        Assert.Equal("participant_joined", (await ReceiveAsync(ann)).GetProperty("kind").GetString());

        string sdp = new('v', 400_000);
        await SendAsync(bo, $$"""{"type":"offer","id":2,"rev":1,"sdp":"{{sdp}}","tracks":{"0":{"kind":"audio","source":"microphone"} } }""");
        Assert.Equal("answer", (await ReceiveAsync(bo)).GetProperty("type").GetString());

        await SendAsync(bo, """{"type":"data","topic":"chat","text":"hello"}""");
        JsonElement data = await ReceiveAsync(ann);
        Assert.Equal("hello", data.GetProperty("text").GetString());

        await SendAsync(ann, """{"type":"lock","id":3}""");
        Assert.Equal("ok", (await ReceiveAsync(ann)).GetProperty("type").GetString());
        await SendAsync(bo, """{"type":"leave","id":4}""");
        Assert.Equal("bye", (await ReceiveAsync(bo)).GetProperty("type").GetString());
        WebSocketReceiveResult close = await bo.ReceiveAsync(new byte[10], CancellationToken.None);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.NormalClosure), (close.MessageType, close.CloseStatus));
        await bo.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal("participant_left", (await ReceiveAsync(ann)).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Socket_Cut_IsResumedOverAnother()
    {
        ClientWebSocket first = await JoinAsync("ann");
        JsonElement joined = _joined;
        _server.World.Media.Last.Sink.OnMediaConnected();
        Assert.Equal("media", (await ReceiveAsync(first)).GetProperty("type").GetString());
        first.Abort();
        first.Dispose();

        using ClientWebSocket second = await _server.ConnectAsync();
        await SendAsync(second, $$$"""
            {"type":"join","id":7,"v":1,"client":{"name":"x"},"resume":
             {"session":"{{{joined.GetProperty("session").GetString()}}}","secret":"{{{joined.GetProperty("secret").GetString()}}}","seq":0} }
            """);
        JsonElement resumed = await ReceiveAsync(second);
        Assert.True(resumed.GetProperty("resumed").GetBoolean());
        Assert.Equal(joined.GetProperty("participant").GetProperty("id").GetString(), resumed.GetProperty("participant").GetProperty("id").GetString());
        Assert.Equal("participant_joined", (await ReceiveAsync(second)).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Server_Stops_SaysByeAndClosesWith1013()
    {
        using ClientWebSocket ann = await JoinAsync("ann");
        using ClientWebSocket stranger = await _server.ConnectAsync();
        Task stopping = _server.DisposeAsync().AsTask();
        JsonElement bye = await ReceiveAsync(ann);
        Assert.Equal(("draining", "resume"), (bye.GetProperty("reason").GetString(), bye.GetProperty("action").GetString()));
        WebSocketReceiveResult close = await ann.ReceiveAsync(new byte[10], CancellationToken.None);
        Assert.Equal(1013, (int)close.CloseStatus!);
        await ann.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal("draining", (await ReceiveAsync(stranger)).GetProperty("reason").GetString());
        await stranger.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping.WaitAsync(Patience.Real);
        _server = await SignallingServer.StartAsync();
    }

    private JsonElement _joined;

    private async Task<ClientWebSocket> JoinAsync(string token)
    {
        ClientWebSocket socket = await _server.ConnectAsync();
        await SendAsync(socket, $$"""{"type":"join","id":1,"v":1,"client":{"name":"x"},"token":"{{token}}"}""");
        _joined = await ReceiveAsync(socket);
        Assert.Equal("joined", _joined.GetProperty("type").GetString());
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Patience.Real);
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(length).ToArraySegment(), limit.Token);
            length += result.Count;
        }
        while (!result.EndOfMessage);

        return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement;
    }
}

file static class Segments
{
    public static ArraySegment<byte> ToArraySegment(this Memory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) ? segment : throw new NotSupportedException();
}
