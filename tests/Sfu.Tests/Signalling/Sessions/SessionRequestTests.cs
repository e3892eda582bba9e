using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionRequestTests
{
    private readonly World _world = new();

    [Theory]
    [InlineData("{'type':'publish','id':3,'track':'TR_1','source':'camera','name':'n'}", "update PA_1 TR_1 Camera n")]
    [InlineData("{'type':'publish','id':3,'track':'TR_1'}", "update PA_1 TR_1")]
    [InlineData("{'type':'unpublish','id':3,'track':'TR_1'}", "unpublish PA_1 TR_1 Unpublished")]
    [InlineData("{'type':'mute','id':3,'track':'TR_1','muted':true}", "mute PA_1 TR_1 True")]
    [InlineData("{'type':'mute','id':3,'track':'TR_1','muted':false}", "mute PA_1 TR_1 False")]
    [InlineData("{'type':'kick','id':3,'participant':'PA_2','reason':'rude'}", "kick PA_1 PA_2 rude")]
    [InlineData("{'type':'kick','id':3,'participant':'PA_2'}", "kick PA_1 PA_2")]
    [InlineData("{'type':'mute_all','id':3}", "mute_all PA_1 Audio")]
    [InlineData("{'type':'mute_all','id':3,'kind':'video'}", "mute_all PA_1 Video")]
    [InlineData("{'type':'lock','id':3}", "lock PA_1 True")]
    [InlineData("{'type':'unlock','id':3}", "lock PA_1 False")]
    [InlineData("{'type':'admit','id':3,'participant':'PA_2'}", "admit PA_1 PA_2")]
    [InlineData("{'type':'refuse','id':3,'participant':'PA_2'}", "refuse PA_1 PA_2")]
    public void Request_OfHost_AsksTheRoomAndAnswersOk(string request, string call)
    {
        Client host = _world.Join("ann+admin");
        host.Send(request);

        Assert.Equal(call, _world.Sales.Calls[^1]);
        host.Socket.SkipEvents();
        Assert.Equal(3, host.Socket.Next("ok").GetProperty("re").GetInt32());
    }

    [Theory]
    [InlineData("{'type':'kick','id':3,'participant':'PA_2'}")]
    [InlineData("{'type':'mute_all','id':3}")]
    [InlineData("{'type':'lock','id':3}")]
    [InlineData("{'type':'unlock','id':3}")]
    [InlineData("{'type':'admit','id':3,'participant':'PA_2'}")]
    [InlineData("{'type':'refuse','id':3,'participant':'PA_2'}")]
    public void AdminRequest_WithoutRoomAdmin_IsForbiddenWithoutAskingTheRoom(string request)
    {
        Client ann = _world.Join("ann");
        int calls = _world.Sales.Calls.Count;
        ann.Send(request);

        AssertError(ann, "forbidden", 3);
        Assert.Equal(calls, _world.Sales.Calls.Count);
    }

    [Theory]
    [InlineData(RoomErrorCode.NotFound, "not_found")]
    [InlineData(RoomErrorCode.Forbidden, "forbidden")]
    [InlineData(RoomErrorCode.BadState, "bad_state")]
    [InlineData(RoomErrorCode.BadRequest, "bad_message")]
    [InlineData(RoomErrorCode.Limit, "limit")]
    [InlineData(RoomErrorCode.TryAgain, "internal")]
    public void Request_RefusedByTheRoom_AnswersItsCode(RoomErrorCode code, string expected)
    {
        Client ann = _world.Join("ann");
        _world.Sales.Refusal = new RoomError(code, "No.", TimeSpan.FromSeconds(2));
        ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");

        JsonElement error = AssertError(ann, expected, 3);
        Assert.Equal("No.", error.GetProperty("message").GetString());
        Assert.Equal(2000, error.GetProperty("retryAfterMs").GetInt64());
    }

    [Fact]
    public void Request_RoomThrows_AnswersInternalAndLogs()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Failure = new TimeoutException("no silo");
        ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");

        AssertError(ann, "internal", 3);
        Assert.Contains("no silo", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_RoomHangs_AnswersInternalAfterTheTimeout()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Gate = new TaskCompletionSource().Task;
        ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");
        ann.Send("{'type':'ping','t':1}");
        ann.Socket.Next("pong");
        _world.Clock.Advance(TimeSpan.FromSeconds(10));

        AssertError(ann, "internal", 3);
    }

    [Fact]
    public void Requests_RoomIsSlow_AreCarriedOutInOrder()
    {
        Client ann = _world.Join("ann");
        var gate = new TaskCompletionSource();
        _world.Sales.Gate = gate.Task;
        ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");
        ann.Send("{'type':'mute','id':4,'track':'TR_1','muted':false}");
        Assert.DoesNotContain("mute PA_1 TR_1 False", _world.Sales.Calls);
        gate.SetResult();

        Assert.Equal(3, ann.Socket.Next("ok").GetProperty("re").GetInt32());
        Assert.Equal(4, ann.Socket.Next("ok").GetProperty("re").GetInt32());
    }

    [Fact]
    public void Requests_TooManyWait_AreRefusedWithLimit()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Gate = new TaskCompletionSource().Task;
        for (int i = 0; i < 500; i++) ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");
        ann.Socket.AssertNothing();
        ann.Send("{'type':'mute','id':501,'track':'TR_1','muted':true}");

        AssertError(ann, "limit", 501);
    }

    [Fact]
    public void Subscribe_GoesToTheMedia()
    {
        Client ann = _world.Join("ann", ",\"subscribe\":\"manual\"");
        Assert.False(ann.Media.Mode.SubscribesAutomatically);
        ann.Send("{'type':'subscribe','id':3,'tracks':['TR_1','TR_2'],'on':true}");
        ann.Socket.Next("ok");
        Assert.Equal("subscribe TR_1,TR_2 True", ann.Media.Calls[^1]);

        ann.Media.Refusal = new RoomError(RoomErrorCode.NotFound, "No such track.");
        ann.Send("{'type':'subscribe','id':4,'tracks':['TR_1'],'on':false}");
        AssertError(ann, "not_found", 4);
    }

    [Fact]
    public void Subscribe_WithoutTheRight_IsForbidden()
    {
        Client ann = _world.Join("ann+nosub");
        Assert.False(ann.Media.Mode.SubscribesAutomatically);
        ann.Send("{'type':'subscribe','id':3,'tracks':['TR_1'],'on':true}");
        AssertError(ann, "forbidden", 3);
        Assert.Empty(ann.Media.Calls);
    }

    [Fact]
    public void Layers_WithoutId_AnswersOnlyWhenRefused()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'layers','track':'TR_1','width':640,'height':360,'fps':15,'priority':200,'paused':true}");
        Assert.Equal("layers TR_1 640x360@15 200 True", ann.Media.Calls[^1]);
        ann.Socket.AssertNothing();

        ann.Media.Refusal = new RoomError(RoomErrorCode.NotFound, "No such track.");
        ann.Send("{'type':'layers','track':'TR_1','width':0,'height':0}");
        JsonElement error = ann.Socket.Next("error");
        Assert.Equal("not_found", error.GetProperty("code").GetString());
        Assert.False(error.TryGetProperty("re", out _));
    }

    [Fact]
    public void Candidate_IsTakenAndNotNeeded()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'candidate','ufrag':'abcd','mid':'0','candidate':'candidate:1 1 udp 1 4a.local 9 typ host'}");
        ann.Socket.AssertNothing();
        ann.Send("{'type':'candidate','id':3,'ufrag':'abcd','mid':'0','candidate':null}");
        Assert.Equal(3, ann.Socket.Next("ok").GetProperty("re").GetInt32());
        Assert.Empty(ann.Media.Calls);
    }

    [Fact]
    public void Join_Again_IsBadState()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'join','id':3,'v':1,'client':{'name':'x'}}");
        AssertError(ann, "bad_state", 3);
    }

    [Fact]
    public void Ping_WithId_CarriesIt()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'ping','id':3,'t':9223372036854775807}");
        JsonElement pong = ann.Socket.Next("pong");
        Assert.Equal(3, pong.GetProperty("re").GetInt32());
        Assert.Equal(long.MaxValue, pong.GetProperty("t").GetInt64());
    }

    [Fact]
    public void Leave_RoomHangs_SaysByeAfterASecond()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Gate = new TaskCompletionSource().Task;
        ann.Send("{'type':'leave'}");
        ann.Socket.AssertNothing();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("left", ann.Socket.Next("bye").GetProperty("reason").GetString());
    }

    [Fact]
    public void Leave_RoomFailsAtFirst_IsAskedAgain()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Failure = new TimeoutException();
        ann.Send("{'type':'leave'}");
        _world.Sales.Failure = null;
        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _world.Sales.Calls.Count(call => call.StartsWith("leave", StringComparison.Ordinal)));
        Assert.Empty(_world.Sales.Participants);
    }

    [Fact]
    public void Leave_RoomNeverAnswers_IsLoggedAfterFiveTries()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Failure = new TimeoutException();
        ann.Send("{'type':'leave'}");
        for (int i = 0; i < 20; i++) _world.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(5, _world.Sales.Calls.Count(call => call.StartsWith("leave", StringComparison.Ordinal)));
        Assert.Contains("could not be taken out of its room", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_AfterTheEnd_IsIgnored()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'leave'}");
        int calls = _world.Sales.Calls.Count;
        ann.Send("{'type':'mute','id':3,'track':'TR_1','muted':true}");
        Assert.Equal(calls, _world.Sales.Calls.Count);
    }

    private static JsonElement AssertError(Client client, string code, int re)
    {
        JsonElement error = client.Socket.Next("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(re, error.GetProperty("re").GetInt32());
        return error;
    }
}
