using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Sfu.Rooms;
using Sfu.Signalling.Sockets;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sockets;

/// <summary>One whole socket over a fake network: sizes, rate, deadlines, closes (docs/signalling.md sections 1 and 6).</summary>
public sealed class ClientConnectionTests : IAsyncLifetime, IDisposable
{
    private const string Join = """{"type":"join","id":1,"v":1,"client":{"name":"test"},"token":"ann"}""";

    private readonly World _world = new();
    private readonly FakeWebSocket _client = new();
    private readonly AddressLimits.SocketLease _lease;
    private readonly Task _served;

    public ClientConnectionTests()
    {
        _lease = _world.Limits.TryEnter(_world.Address)!;
        _served = new ClientConnection(
            new SocketConnection(_client, _world.Services), _lease, _world.Services, _world.Joins, new Caller(null, _world.Address))
            .RunAsync(CancellationToken.None);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Break();
        await _served.WaitAsync(Patience.Real);
    }

    public void Dispose()
    {
        _lease.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Join_First_IsAnswered()
    {
        _client.Push(Join);
        Assert.Equal("joined", await NextTypeAsync());
        _client.Push("""{"type":"ping","t":1}""");
        Assert.Equal("pong", await NextTypeAsync());
    }

    [Fact]
    public async Task Message_BeforeJoin_ClosesWith1008()
    {
        _client.Push("""{"type":"ping","t":1}""");
        Assert.Equal("bad_state", await NextCodeAsync());
        Assert.Equal(1008, await ClosedAsync());
    }

    [Theory]
    [InlineData("""{"type":"join","id":1,"v":2,"client":{"name":"x"}}""", "v")]
    [InlineData("""{"type":"join","id":1,"v":1,"client":{"name":"x"},"x":1}""", "x")]
    [InlineData("nonsense", null)]
    public async Task Join_Bad_ClosesWith1008(string join, string? field)
    {
        _client.Push(join);
        JsonElement error = await NextAsync();
        Assert.Equal("bad_message", error.GetProperty("code").GetString());
        Assert.Equal(field, error.TryGetProperty("field", out JsonElement shown) ? shown.GetString() : null);
        Assert.Equal(1008, await ClosedAsync());
    }

    [Fact]
    public async Task Join_BadToken_ClosesWith4401()
    {
        _client.Push(Join.Replace("ann", "bad", StringComparison.Ordinal));
        Assert.Equal("unauthorized", await NextCodeAsync());
        Assert.Equal(4401, await ClosedAsync());
    }

    [Fact]
    public async Task BadMessages_Ten_CloseWith1008()
    {
        await JoinAsync();
        for (int i = 1; i <= 9; i++)
        {
            _client.Push("""{"type":"mute","id":5,"track":"TR_1","muted":1}""");
            JsonElement error = await NextAsync();
            Assert.Equal("muted", error.GetProperty("field").GetString());
            Assert.Equal(5, error.GetProperty("re").GetInt32());
        }

        _client.Push("{}");
        Assert.Equal("bad_message", await NextCodeAsync());
        Assert.Equal(1008, await ClosedAsync());
    }

    [Fact]
    public async Task Messages_BeyondTheBurst_AreDroppedWithLimitAndRecover()
    {
        await JoinAsync();
        for (int i = 0; i < 99; i++) _client.Push($$"""{"type":"ping","id":{{i + 2}},"t":1}""");
        _client.Push("""{"type":"ping","id":500,"t":1}""");
        for (int i = 0; i < 99; i++) Assert.Equal("pong", await NextTypeAsync());

        JsonElement error = await NextAsync();
        Assert.Equal("limit", error.GetProperty("code").GetString());
        Assert.Equal(500, error.GetProperty("re").GetInt32());
        Assert.Equal(34, error.GetProperty("retryAfterMs").GetInt64());

        _client.Push("""{"type":"ping","id":501,"t":1}""");
        _client.Push("""{"type":"ping","id":502,"t":1}""");
        Assert.Equal(501, (await NextWhileTimeGoesOnAsync()).GetProperty("re").GetInt32());
        Assert.Equal(502, (await NextWhileTimeGoesOnAsync()).GetProperty("re").GetInt32());
    }

    [Fact]
    public async Task Frame_Binary_ClosesWith1008()
    {
        await JoinAsync();
        _client.Push("{}"u8.ToArray(), WebSocketMessageType.Binary, true);
        Assert.Equal("bad_message", await NextCodeAsync());
        Assert.Equal(1008, await ClosedAsync());
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public async Task Frame_Ordinary_MayHave64KiB(int size, bool isTaken)
    {
        await JoinAsync();
        string start = """{"type":"data","id":2,"topic":"x","text":" """.Trim();
        _client.Push(start + new string('a', size - start.Length - 2) + "\"}");
        if (isTaken) Assert.Equal("ok", await NextTypeAsync());
        else Assert.Equal(1009, await ClosedAsync());
    }

    [Theory]
    [InlineData(524_288, true)]
    [InlineData(524_289, false)]
    public async Task Frame_OfAnOffer_MayHave512KiB(int size, bool isTaken)
    {
        await JoinAsync();
        string start = """{"type":"offer","id":2,"rev":1,"sdp":" """.Trim();
        _client.Push(start + new string('a', size - start.Length - 2) + "\"}");
        if (isTaken) Assert.Equal("answer", await NextTypeAsync());
        else Assert.Equal(1009, await ClosedAsync());
    }

    [Fact]
    public async Task Frame_OfAnOfferThatBeginsOtherwise_MayHave64KiBOnly()
    {
        await JoinAsync();
        _client.Push("""{"id":2,"type":"offer","rev":1,"sdp":" """.Trim() + new string('a', 70_000) + "\"}");
        Assert.Equal(1009, await ClosedAsync());
    }

    [Fact]
    public async Task Frame_InPieces_IsPutTogether()
    {
        await JoinAsync();
        byte[] whole = Encoding.UTF8.GetBytes("""{"type":"data","id":2,"topic":"x","text":"日本"}""");
        for (int i = 0; i < whole.Length; i++) _client.Push([whole[i]], WebSocketMessageType.Text, i == whole.Length - 1);
        Assert.Equal("ok", await NextTypeAsync());
    }

    [Fact]
    public async Task Join_NotWithinTenSeconds_ClosesWith4408()
    {
        await AdvanceAsync(9);
        Assert.False(_client.Closed.IsCompleted);
        await AdvanceAsync(1);
        Assert.Equal(4408, await ClosedAsync());
    }

    [Fact]
    public async Task Frame_HalfSent_ClosesAfterTenSeconds()
    {
        await JoinAsync();
        await AdvanceAsync(1);
        _client.Push("{\"type\":"u8.ToArray(), WebSocketMessageType.Text, false);
        await _client.ReadAsync();
        await AdvanceAsync(10);
        Assert.Equal("timeout", (await NextAsync()).GetProperty("reason").GetString());
        Assert.Equal(1008, await ClosedAsync());
    }

    [Fact]
    public async Task Silence_ForTheIdleTime_ClosesWith1008AndAsksToResume()
    {
        await JoinAsync();
        await AdvanceAsync(11);
        Assert.False(_client.Closed.IsCompleted);
        await AdvanceAsync(1);
        JsonElement bye = await NextAsync();
        Assert.Equal(("timeout", "resume"), (bye.GetProperty("reason").GetString(), bye.GetProperty("action").GetString()));
        Assert.Equal(1008, await ClosedAsync());
    }

    [Fact]
    public async Task Pings_KeepTheSocket()
    {
        await JoinAsync();
        for (int i = 0; i < 8; i++)
        {
            await AdvanceAsync(5);
            _client.Push("""{"type":"ping","t":1}""");
            Assert.Equal("pong", await NextTypeAsync());
        }
    }

    [Fact]
    public async Task SlowClient_ManyMessages_IsClosedWith1013AndAskedToResume()
    {
        await JoinAsync();
        var gate = new TaskCompletionSource();
        _client.SendGate = gate.Task;
        for (int i = 0; i < 520; i++) _world.Sales.Append(new RoomLocked(i % 2 == 0, RoomActor.Server));
        gate.SetResult();

        JsonElement last = default;
        while (last.ValueKind == JsonValueKind.Undefined || last.GetProperty("type").GetString() == "event") last = await NextAsync();
        Assert.Equal(("slow_client", "resume"), (last.GetProperty("reason").GetString(), last.GetProperty("action").GetString()));
        Assert.Equal(1013, await ClosedAsync());
        Assert.Single(_world.Sales.Participants);
    }

    [Fact]
    public async Task SlowClient_ManyBytes_IsClosedWith1013()
    {
        _world.Options.DataBytesPerSecond = 16 << 20;
        await JoinAsync();
        var gate = new TaskCompletionSource();
        _client.SendGate = gate.Task;
        Client bo = _world.Join("bo");
        string text = new('a', 60_000);
        for (int i = 0; i < 75; i++) bo.Send($"{{'type':'data','topic':'x','text':'{text}'}}");
        gate.SetResult();
        Assert.Equal(1013, await ClosedAsync());
    }

    [Fact]
    public async Task Send_StuckForTenSeconds_IsAborted()
    {
        await JoinAsync();
        _client.SendGate = new TaskCompletionSource().Task;
        _world.Sales.AddOther("bo");
        for (int i = 0; i < 20 && !_served.IsCompleted; i++)
        {
            _client.Push("""{"type":"ping","t":1}"""); // it reads nothing, but it speaks
            await _client.ReadAsync();
            await AdvanceAsync(1);
        }

        await _served.WaitAsync(Patience.Real);
        Assert.True(_client.IsAborted);
    }

    [Fact]
    public async Task Close_NotAnswered_IsAbortedAfterFiveSeconds()
    {
        await JoinAsync();
        _client.Push("""{"type":"leave","id":2}""");
        Assert.Equal("bye", await NextTypeAsync());
        Assert.Equal(1000, await ClosedAsync());
        Assert.False(_served.IsCompleted);
        await AdvanceAsync(6);
        await _served.WaitAsync(Patience.Real);
        Assert.True(_client.IsAborted);
    }

    [Fact]
    public async Task Close_ByTheClient_IsAnsweredAndStartsTheResumeWindow()
    {
        await JoinAsync();
        _world.Media.Last.Sink.OnMediaConnected();
        Assert.Equal("media", await NextTypeAsync());
        _client.PushClose();
        await _served.WaitAsync(Patience.Real);
        Assert.Equal(1000, await ClosedAsync());
        Assert.Single(_world.Sales.Participants);
        await AdvanceAsync(30);
        Assert.Empty(_world.Sales.Participants);
    }

    [Fact]
    public async Task WhileJoining_OnlyPingAndLeaveAreTaken()
    {
        var gate = new TaskCompletionSource();
        _world.Sales.Gate = gate.Task;
        _client.Push(Join);
        _client.Push("""{"type":"ping","id":2,"t":1}""");
        Assert.Equal("pong", await NextTypeAsync());
        _client.Push("""{"type":"lock","id":3}""");
        Assert.Equal("bad_state", await NextCodeAsync());
        _client.Push("""{"type":"leave","id":4}""");
        JsonElement bye = await NextAsync();
        Assert.Equal((4, "left"), (bye.GetProperty("re").GetInt32(), bye.GetProperty("reason").GetString()));
        Assert.Equal(1000, await ClosedAsync());

        _client.PushClose();
        gate.SetResult();
        await _served.WaitAsync(Patience.Real);
        // The room had let it in: without a socket it leaves as one that is gone.
        await AdvanceAsync(15);
        Assert.Empty(_world.Sales.Participants);
    }

    [Fact]
    public async Task Lease_CountsTheSocketAsUnjoinedUntilItJoins()
    {
        _world.Options.UnjoinedPerAddress = 1;
        Assert.Null(_world.Limits.TryEnter(_world.Address));
        await JoinAsync();
        using AddressLimits.SocketLease? next = _world.Limits.TryEnter(_world.Address);
        Assert.NotNull(next);
    }

    private async Task JoinAsync()
    {
        _client.Push(Join);
        Assert.Equal("joined", await NextTypeAsync());
    }

    /// <summary>Virtual seconds, one by one as the timer runs. Between them the server's threads get a moment of real time: one that was
    /// interrupted right after a send would otherwise be seen sending for seconds.</summary>
    private async Task AdvanceAsync(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            await Task.Delay(1);
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>The next message of a server that waits for its clock: from when on, only its own thread knows.</summary>
    private async Task<JsonElement> NextWhileTimeGoesOnAsync()
    {
        Task<string> next = _client.NextAsync();
        for (int i = 0; i < 5000 && !next.IsCompleted; i++)
        {
            await Task.WhenAny(next, Task.Delay(1));
            _world.Clock.Advance(TimeSpan.FromMilliseconds(1)); // five seconds at most: less than any time-out
        }

        return JsonDocument.Parse(await next).RootElement;
    }

    private async Task<JsonElement> NextAsync() => JsonDocument.Parse(await _client.NextAsync()).RootElement;

    private async Task<string?> NextTypeAsync() => (await NextAsync()).GetProperty("type").GetString();

    private async Task<string?> NextCodeAsync() => (await NextAsync()).GetProperty("code").GetString();

    private Task<int> ClosedAsync() => _client.Closed.WaitAsync(Patience.Real);
}
