using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class JoinRefusalTests
{
    private readonly World _world = new();

    [Theory]
    [InlineData("bad", "unauthorized", 4401)]
    [InlineData("", "unauthorized", 4401)]
    [InlineData("ann+nojoin", "forbidden", 1008)]
    [InlineData("ann+room=", "forbidden", 1008)]
    [InlineData("ann+room=a/b", "forbidden", 1008)]
    [InlineData(" ", "forbidden", 1008)]
    public void Join_TokenDoesNotOpenARoom_IsRefusedAndClosed(string token, string code, int closeCode)
    {
        Client client = _world.TryJoin(token);
        JsonElement error = client.Socket.Next("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(1, error.GetProperty("re").GetInt32());
        Assert.Equal(closeCode, client.Socket.CloseCode);
        Assert.Equal([(code, 1)], _world.JoinOutcomes());
        Assert.DoesNotContain(_world.Sales.Calls, call => call.StartsWith("join", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RoomErrorCode.NotFound, "not_found", 1008)]
    [InlineData(RoomErrorCode.Forbidden, "forbidden", 1008)]
    [InlineData(RoomErrorCode.RoomFull, "room_full", 1013)]
    [InlineData(RoomErrorCode.RoomLocked, "room_locked", 1008)]
    [InlineData(RoomErrorCode.Limit, "limit", 1013)]
    [InlineData(RoomErrorCode.Draining, "draining", 1013)]
    [InlineData(RoomErrorCode.TryAgain, "internal", 1013)]
    public void Join_RoomRefuses_IsToldAndClosed(RoomErrorCode code, string word, int closeCode)
    {
        _world.JoinOverride = new JoinRefused(new RoomError(code, "No.", TimeSpan.FromMilliseconds(1500)));
        Client client = _world.TryJoin("ann");
        JsonElement error = client.Socket.Next("error");
        Assert.Equal(word, error.GetProperty("code").GetString());
        Assert.Equal(1500, error.GetProperty("retryAfterMs").GetInt64());
        Assert.Equal(closeCode, client.Socket.CloseCode);
    }

    [Fact]
    public void Join_RoomThrows_IsInternalAndLogged()
    {
        _world.Sales.Failure = new TimeoutException("no silo");
        Client client = _world.TryJoin("ann");
        Assert.Equal("internal", client.Socket.Next("error").GetProperty("code").GetString());
        Assert.Contains("no silo", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_NameAndMetadata_CountOnlyWhereTheTokenHasNone()
    {
        Client named = _world.Join("ann", ",\"name\":\"Mallory\",\"metadata\":\"m\"");
        Assert.Equal("ANN", named.Joined.GetProperty("participant").GetProperty("name").GetString());
        Assert.Equal("m", named.Joined.GetProperty("participant").GetProperty("metadata").GetString());
        Client unnamed = _world.Join("bo+unnamed", ",\"name\":\"Bo\"");
        Assert.Equal("Bo", unnamed.Joined.GetProperty("participant").GetProperty("name").GetString());
    }

    [Fact]
    public void Join_TokensEndCalls_TellsTheRoomWhen()
    {
        _world.Join("ann");
        Assert.Null(_world.Sales["ann"].ExpiresAt);
        _world.Options.TokensEndCalls = true;
        _world.Join("bo");
        Assert.Equal(_world.Clock.GetUtcNow() + TimeSpan.FromMinutes(10), _world.Sales["bo"].ExpiresAt);
    }

    [Fact]
    public void Join_TwentyBadTokens_CloseTheAddressForAMinute()
    {
        for (int i = 0; i < 20; i++) _world.TryJoin("bad");
        Client blocked = _world.TryJoin("ann");
        JsonElement error = blocked.Socket.Next("error");
        Assert.Equal("limit", error.GetProperty("code").GetString());
        Assert.Equal(60_000, error.GetProperty("retryAfterMs").GetInt64());
        Assert.Equal(1013, blocked.Socket.CloseCode);
        Assert.Equal([("limit", 1), ("unauthorized", 20)], _world.JoinOutcomes());

        _world.Address = System.Net.IPAddress.Parse("192.0.2.2");
        _world.Join("ann");
        _world.Address = System.Net.IPAddress.Parse("192.0.2.1");
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Join("bo");
    }

    [Fact]
    public void Join_AnyRefusedToken_MakesNoNewSeries()
    {
        int before = _world.JoinSeries().Count;
        for (int i = 0; i < 10; i++) _world.TryJoin($"bad{i}");
        for (int i = 0; i < 10; i++) _world.TryJoin($"ann{i}+room=a/{i}");
        Assert.Equal(before, _world.JoinSeries().Count);
        Assert.Equal([("forbidden", 10), ("unauthorized", 10)], _world.JoinOutcomes());
    }

    [Fact]
    public void Secrets_NeverReachTheLog()
    {
        Client ann = _world.Join("ann");
        string secret = ann.Joined.GetProperty("secret").GetString()!;
        ann.Cut();
        ann.Resume(0);
        ann.Send("{'type':'leave','reason':'canary'}");
        Assert.DoesNotContain(secret, _world.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", _world.Log.Text, StringComparison.Ordinal);
    }
}
