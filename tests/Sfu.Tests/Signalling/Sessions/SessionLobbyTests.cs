using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionLobbyTests
{
    private readonly World _world = new();

    public SessionLobbyTests() => _world.Sales.Info = _world.Sales.Info with { Settings = _world.Sales.Info.Settings with { Lobby = true } };

    [Fact]
    public void Join_RoomWithLobby_WaitsAndTellsHosts()
    {
        Client host = _world.Join("host+admin");
        Client guest = _world.TryJoin("guest");

        JsonElement waiting = guest.Socket.Next("waiting");
        Assert.Equal(1, waiting.GetProperty("re").GetInt32());
        Assert.Equal("""{"name":"sales"}""", waiting.GetProperty("room").GetRawText());
        Assert.Equal("waiting", waiting.GetProperty("participant").GetProperty("state").GetString());
        Assert.Equal("guest", host.Socket.NextEvent("participant_waiting").GetProperty("participant").GetProperty("identity").GetString());
        Assert.DoesNotContain(_world.Media.Opened, media => media.Participant == guest.Id);
    }

    [Theory]
    [InlineData("{'type':'offer','id':3,'rev':1,'sdp':'v'}")]
    [InlineData("{'type':'mute','id':3,'track':'TR_1','muted':true}")]
    [InlineData("{'type':'data','id':3,'topic':'chat','text':'x'}")]
    [InlineData("{'type':'lock','id':3}")]
    [InlineData("{'type':'join','id':3,'v':1,'client':{'name':'x'}}")]
    public void Request_WhileWaiting_IsBadState(string request)
    {
        Client guest = Wait("guest");
        guest.Send(request);
        JsonElement error = guest.Socket.Next("error");
        Assert.Equal("bad_state", error.GetProperty("code").GetString());
        Assert.Equal(3, error.GetProperty("re").GetInt32());
    }

    [Fact]
    public void PingAndLeave_WhileWaiting_Work()
    {
        Client guest = Wait("guest");
        guest.Send("{'type':'ping','t':1}");
        guest.Socket.Next("pong");
        guest.Send("{'type':'leave','id':4}");
        Assert.Equal("left", guest.Socket.Next("bye").GetProperty("reason").GetString());
        Assert.Contains($"leave {guest.Id} ClientLeft", _world.Sales.Calls);
    }

    [Fact]
    public void Admit_Waiting_AnswersTheJoinWithTheRoomAsItIsNow()
    {
        Client guest = Wait("guest");
        Participant bo = _world.Sales.AddOther("bo");
        Track track = _world.Sales.Publish(bo.Id);
        guest.Socket.AssertNothing();
        _world.Sales.Admit(guest.Id);

        JsonElement joined = guest.Socket.Next("joined");
        Assert.Equal(1, joined.GetProperty("re").GetInt32());
        Assert.Equal("joined", joined.GetProperty("participant").GetProperty("state").GetString());
        Assert.Equal(track.Id.Value, joined.GetProperty("participants")[0].GetProperty("tracks")[0].GetProperty("id").GetString());
        guest.Socket.AssertNothing();

        _world.Sales.AddOther("late");
        guest.Socket.NextEvent("participant_joined");
        Assert.Single(guest.Media.Events);
    }

    [Fact]
    public void Events_WhileEntering_AreHeldUntilJoined()
    {
        Client guest = Wait("guest");
        var gate = new TaskCompletionSource();
        _world.Sales.Gate = gate.Task;
        _world.Sales.Admit(guest.Id);
        _world.Sales.AddOther("bo");
        guest.Socket.AssertNothing();
        gate.SetResult();

        JsonElement joined = guest.Socket.Next("joined");
        long seq = joined.GetProperty("seq").GetInt64();
        Assert.Equal(_world.Sales.LastSeq, seq);
        guest.Socket.AssertNothing();
        Assert.Empty(guest.Media.Events);
    }

    [Fact]
    public void Refuse_Waiting_AnswersTheJoinWithBye()
    {
        Client guest = Wait("guest");
        _world.Sales.Remove(guest.Id, LeaveReason.Refused);

        JsonElement bye = guest.Socket.Next("bye");
        Assert.Equal("refused", bye.GetProperty("reason").GetString());
        Assert.Equal("none", bye.GetProperty("action").GetString());
        Assert.Equal(1, bye.GetProperty("re").GetInt32());
        Assert.Equal(1000, guest.Socket.CloseCode);
        Assert.DoesNotContain(_world.Sales.Calls, call => call.StartsWith("leave", StringComparison.Ordinal));
    }

    [Fact]
    public void Socket_LostWhileWaiting_LeavesAtOnce()
    {
        Client guest = Wait("guest");
        guest.Cut();
        Assert.Contains($"leave {guest.Id} ClientLeft", _world.Sales.Calls);
    }

    [Fact]
    public void Admit_RoomDoesNotAnswer_EndsWithRejoin()
    {
        Client guest = Wait("guest");
        _world.Sales.Failure = new TimeoutException();
        _world.Sales.Admit(guest.Id);

        JsonElement bye = guest.Socket.Next("bye", within: () => _world.Clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal("internal", bye.GetProperty("reason").GetString());
        Assert.Equal("rejoin", bye.GetProperty("action").GetString());
    }

    [Fact]
    public void Admit_GoneAgainBeforeTheRoomAnswers_SaysWhy()
    {
        Client guest = Wait("guest");
        var gate = new TaskCompletionSource();
        _world.Sales.Gate = gate.Task;
        _world.Sales.Admit(guest.Id);
        _world.Sales.Remove(guest.Id, LeaveReason.Kicked);
        gate.SetResult();
        Assert.Equal("kicked", guest.Socket.Next("bye").GetProperty("reason").GetString());
    }

    [Fact]
    public void Host_SeesWhoWaits()
    {
        Wait("guest");
        Client host = _world.Join("host+admin");
        JsonElement waiting = Assert.Single(host.Joined.GetProperty("room").GetProperty("waiting").EnumerateArray());
        Assert.Equal("guest", waiting.GetProperty("identity").GetString());
        Assert.True(host.Joined.GetProperty("room").GetProperty("lobby").GetBoolean());
    }

    private Client Wait(string token)
    {
        Client guest = _world.TryJoin(token);
        guest.Socket.Next("waiting");
        return guest;
    }
}
