using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Sfu.Hosting;

namespace Sfu.Tests.Hosting;

/// <summary>The server as it is, with its own rooms, store and media workers.</summary>
public sealed class WholeServerTests : IDisposable
{
    private static readonly string Creator = TestServer.Token(new { roomCreate = true, roomList = true });

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"sfu-whole-{Guid.NewGuid():N}");
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Rooms_CreatedByRest_LiveThroughARestartWithTheirLog()
    {
        string admin = TestServer.Token(new { room = "durable", roomAdmin = true });
        await using (Running server = await StartAsync())
        {
            WebApplication first = server.App;
            Assert.Equal(201, (await SendAsync(first, HttpMethod.Post, "/v1/rooms", Creator, """{"name":"durable","metadata":"m"}""")).Status);
            Assert.Equal(200, (await SendAsync(first, HttpMethod.Post, "/v1/rooms", Creator, """{"name":"durable"}""")).Status);
            Assert.Equal(204, (await SendAsync(first, HttpMethod.Post, "/v1/rooms/durable:lock", admin)).Status);
            Assert.Equal(200, (await SendAsync(first, HttpMethod.Patch, "/v1/rooms/durable", admin, """{"maxParticipants":3}""")).Status);
        }

        await using Running again = await StartAsync();
        WebApplication second = again.App;
        JsonElement room = (await SendAsync(second, HttpMethod.Get, "/v1/rooms", Creator)).Json.GetProperty("rooms")[0];
        Assert.Equal(("durable", "m", true, 3), (room.GetProperty("name").GetString(), room.GetProperty("metadata").GetString(), room.GetProperty("locked").GetBoolean(), room.GetProperty("maxParticipants").GetInt32()));
        Assert.Equal(204, (await SendAsync(second, HttpMethod.Delete, "/v1/rooms/durable", Creator)).Status);
        Answer events = await SendAsync(second, HttpMethod.Get, "/v1/rooms/durable/events", admin);
        Assert.Equal(
            ["1 room_created", "2 room_locked", "3 room_updated", "4 room_closed"],
            events.Json.GetProperty("events").EnumerateArray().Select(e => $"{e.GetProperty("seq").GetInt64()} {e.GetProperty("kind").GetString()}"));
    }

    [Fact]
    public async Task Participants_WhoJoinedBySocket_AreListedMutedAndRemovedByRest()
    {
        await using Running server = await StartAsync();
        WebApplication app = server.App;
        string admin = TestServer.Token(new { room = "call", roomAdmin = true });
        using ClientWebSocket ann = await JoinAsync(app, "ann");

        JsonElement listed = (await SendAsync(app, HttpMethod.Get, "/v1/rooms/call/participants", admin)).Json.GetProperty("participants")[0];
        Assert.Equal(("ann", "joined", "web_socket"), (listed.GetProperty("identity").GetString(), listed.GetProperty("state").GetString(), listed.GetProperty("client").GetProperty("protocol").GetString()));
        Answer renamed = await SendAsync(app, HttpMethod.Patch, "/v1/rooms/call/participants/ann", admin, """{"name":"Ann B.","metadata":"vip"}""");
        Assert.Equal(("Ann B.", "vip"), (renamed.Json.GetProperty("name").GetString(), renamed.Json.GetProperty("metadata").GetString()));
        Assert.Equal(204, (await SendAsync(app, HttpMethod.Delete, "/v1/rooms/call/participants/ann?reason=bye", admin)).Status);

        Assert.Equal("kicked", (await ReceiveAsync(ann, "bye")).GetProperty("reason").GetString());
        JsonElement left = (await SendAsync(app, HttpMethod.Get, "/v1/rooms/call/events", admin)).Json.GetProperty("events").EnumerateArray().Last();
        Assert.Equal(("participant_left", "ann", "kicked", "bye"), (left.GetProperty("kind").GetString(), left.GetProperty("identity").GetString(), left.GetProperty("reason").GetString(), left.GetProperty("detail").GetString()));
        Assert.Equal(TestServer.Key, left.GetProperty("by").GetProperty("apiKey").GetString());
    }

    [Fact]
    public async Task Lobby_SomebodyWaits_IsAdmittedByRest()
    {
        await using Running server = await StartAsync();
        WebApplication app = server.App;
        string admin = TestServer.Token(new { room = "call", roomAdmin = true });
        await SendAsync(app, HttpMethod.Post, "/v1/rooms", Creator, """{"name":"call","lobby":true}""");
        using ClientWebSocket ann = await JoinAsync(app, "ann", expected: "waiting");
        Assert.Equal("ann", (await SendAsync(app, HttpMethod.Get, "/v1/rooms/call/participants", admin)).Json.GetProperty("waiting")[0].GetProperty("identity").GetString());

        Assert.Equal(204, (await SendAsync(app, HttpMethod.Post, "/v1/rooms/call/participants/ann:admit", admin)).Status);

        await ReceiveAsync(ann, "joined");
        Assert.Equal(1, (await SendAsync(app, HttpMethod.Get, "/v1/rooms/call", admin)).Json.GetProperty("participantCount").GetInt32());
    }

    [Fact]
    public async Task Ready_AfterTheStart_Is200WithinSeconds()
    {
        await using Running server = await StartAsync();
        WebApplication app = server.App;
        Answer answer;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        do
        {
            answer = await SendAsync(app, HttpMethod.Get, "/healthz/ready");
        }
        while (answer.Status != 200 && !limit.IsCancellationRequested);

        Assert.Equal((200, "ok\n"), (answer.Status, answer.Body));
        string metrics = (await SendAsync(app, HttpMethod.Get, "/metrics")).Body;
        Assert.Equal(0, Observability.MetricsTests.Value(metrics, "sfu_participants"));
        Assert.NotNull(Observability.MetricsTests.Value(metrics, """sfu_worker_busy_ratio{worker="0"}"""));
    }

    public void Dispose()
    {
        _client.Dispose();
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }

    private async Task<Running> StartAsync()
    {
        WebApplication app = ServerHost.Build(
        [
            $"--Sfu:DataDirectory={_data}", "--Sfu:Http:Port=0", "--Sfu:Media:UdpPort=0", "--Sfu:Media:TcpPort=-1", "--Sfu:Media:Workers=1", "--Sfu:Log:Level=error",
            $"--Sfu:ApiKeys:{TestServer.Key}={TestServer.Secret}",
        ]);
        await ServerHost.StartAsync(app);
        return new Running(app);
    }

    private async Task<Answer> SendAsync(WebApplication app, HttpMethod method, string path, string? token = null, string? json = null)
    {
        using var request = new HttpRequestMessage(method, app.Urls.First() + path);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.SendAsync(request);
        return new Answer(response, await response.Content.ReadAsStringAsync());
    }

    private static async Task<ClientWebSocket> JoinAsync(WebApplication app, string identity, string expected = "joined")
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("sfu.v1");
        socket.Options.Proxy = null;
        string token = TestServer.Token(new { room = "call", roomJoin = true, roomCreate = true }, identity);
        await socket.ConnectAsync(new Uri($"{app.Urls.First().Replace("http", "ws", StringComparison.Ordinal)}/ws?access_token={token}"), CancellationToken.None);
        await socket.SendAsync("""{"type":"join","id":1,"v":1,"client":{"name":"test"}}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await ReceiveAsync(socket, expected);
        return socket;
    }

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket, string type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            Assert.NotEqual(WebSocketMessageType.Close, part.MessageType);
            JsonElement message = JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement;
            if (message.GetProperty("type").GetString() == type) return message;
        }
    }

    /// <summary>Stops in order: disposing alone tears the silo down under its own feet.</summary>
    private sealed record Running(WebApplication App) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await App.StopAsync();
            await App.DisposeAsync();
        }
    }
}
