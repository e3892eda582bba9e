using System.Text.Json;
using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Signalling.Sessions;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionResumeTests
{
    private readonly World _world = new();
    private readonly Client _ann;

    public SessionResumeTests()
    {
        _ann = _world.Join("ann");
        _ann.Media.Sink.OnMediaConnected();
        _ann.Socket.Skip();
    }

    private long Seq => _ann.Joined.GetProperty("seq").GetInt64();

    [Fact]
    public void Resume_WithinTheWindow_GoesOnWithNewSecretAndMissedEvents()
    {
        _ann.Cut();
        Participant bo = _world.Sales.AddOther("bo");
        _world.Sales.Publish(bo.Id);
        _world.Clock.Advance(TimeSpan.FromSeconds(3));
        ParticipantId before = _ann.Id;
        _ann.Resume(Seq);

        JsonElement joined = _ann.Socket.Next("joined");
        Assert.True(joined.GetProperty("resumed").GetBoolean());
        Assert.Equal(9, joined.GetProperty("re").GetInt32());
        Assert.Equal(_ann.Joined.GetProperty("session").GetString(), joined.GetProperty("session").GetString());
        Assert.NotEqual(_ann.Joined.GetProperty("secret").GetString(), joined.GetProperty("secret").GetString());
        Assert.Equal("bo", joined.GetProperty("participants")[0].GetProperty("identity").GetString());
        Assert.Equal(Seq + 1, _ann.Socket.NextEvent("participant_joined").GetProperty("seq").GetInt64());
        Assert.Equal(Seq + 2, _ann.Socket.NextEvent("track_published").GetProperty("seq").GetInt64());
        _ann.Socket.AssertNothing();
        Assert.Equal(before, _ann.Id);
        Assert.Single(_world.Media.Opened);
        Assert.Equal("replay", _ann.Media.Calls[^1]);
    }

    [Fact]
    public void Resume_MediaSeesEachEventOnce()
    {
        _ann.Cut();
        _world.Sales.AddOther("bo");
        _ann.Resume(0);
        _world.Sales.AddOther("cy");

        Assert.Equal(_ann.Media.Events.Distinct(), _ann.Media.Events);
        Assert.Equal(_ann.Media.Events.Order(), _ann.Media.Events);
        Assert.Equal(_world.Sales.LastSeq, _ann.Media.Events[^1]);
    }

    [Fact]
    public void Resume_SeqFromTheFuture_IsTakenAsThePresent()
    {
        _ann.Cut();
        _ann.Resume(long.MaxValue);
        _ann.Socket.Next("joined");
        _ann.Socket.AssertNothing();
        _world.Sales.AddOther("bo");
        _ann.Socket.NextEvent("participant_joined");
    }

    [Fact]
    public void Resume_OthersSeeNothing()
    {
        Client bo = _world.Join("bo");
        _ann.Cut();
        _world.Clock.Advance(TimeSpan.FromSeconds(5));
        _ann.Resume(Seq);
        bo.Socket.AssertNothing();
    }

    [Fact]
    public void Resume_OldSocketStillThere_TakesOverWith4409()
    {
        FakeSocket old = _ann.Socket;
        _ann.Resume(Seq);
        Assert.Equal(4409, old.CloseCode);
        _ann.Socket.Next("joined");

        _ann.Session.OnSocketLost(old);
        _world.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(_world.Sales.Participants);
        _ann.Send("{'type':'ping','t':1}");
        _ann.Socket.Next("pong");
    }

    [Fact]
    public void Resume_SecretUsedAgainAfterTheNextWasProved_Fails()
    {
        _ann.Cut();
        string secret = _ann.Joined.GetProperty("secret").GetString()!;
        _ann.Resume(Seq);
        FakeSocket second = _ann.Socket;
        _ann.Send("{'type':'subscribe','id':3,'tracks':['TR_1'],'on':true}");
        _ann.Send("{'type':'subscribe','id':4,'tracks':['TR_1'],'on':true}");
        _ann.Resume(Seq, secret: secret);

        Assert.Equal("unauthorized", Refusal(_ann));
        Assert.True(second.IsOpen);
        Assert.Single(_world.Sales.Calls, call => call.StartsWith("confirm", StringComparison.Ordinal));
    }

    [Fact]
    public void Resume_AnswerLostTwice_ResumesWithTheSecretItKnows()
    {
        ParticipantId before = _ann.Id;
        for (int i = 0; i < 2; i++)
        {
            _ann.Cut();
            _ann.Resume(Seq); // joined never arrives
            _ann.Send("{'type':'ping','t':1}"); // was under way
        }

        _ann.Cut();
        _ann.Resume(Seq);

        Assert.True(_ann.Socket.Next("joined").GetProperty("resumed").GetBoolean());
        Assert.Equal(before, _ann.Id);
    }

    [Fact]
    public void Resume_AnswerLostAfterTheServerStartedAgain_ResumesWithTheSecretItKnows()
    {
        _ann.Session.Stop();
        ParticipantId before = _ann.Id;
        string secret = _ann.Joined.GetProperty("secret").GetString()!;
        _ann.Resume(Seq);
        _ann.Cut();
        _ann.Resume(Seq);
        Assert.True(_ann.Socket.Next("joined").GetProperty("resumed").GetBoolean());
        Assert.Equal(before, _ann.Id);

        _ann.Send("{'type':'offer','id':3,'rev':7,'sdp':'v=0'}");
        _ann.Resume(Seq, secret: secret);
        Assert.Equal("unauthorized", Refusal(_ann));
    }

    [Fact]
    public void Resume_PingLongAfterTheAnswer_ProvesTheSecret()
    {
        _ann.Cut();
        string secret = _ann.Joined.GetProperty("secret").GetString()!;
        _ann.Resume(Seq);
        _world.Clock.Advance(TimeSpan.FromSeconds(11.9));
        _ann.Send("{'type':'ping','t':1}");
        Assert.DoesNotContain(_world.Sales.Calls, call => call.StartsWith("confirm", StringComparison.Ordinal));
        _world.Clock.Advance(TimeSpan.FromSeconds(0.1));
        _ann.Send("{'type':'ping','t':1}");
        _ann.Resume(Seq, secret: secret);
        Assert.Equal("unauthorized", Refusal(_ann));
    }

    [Fact]
    public void Resume_RoomFailsToTakeTheProof_IsLoggedAndTheCallGoesOn()
    {
        _ann.Cut();
        _ann.Resume(Seq);
        _world.Sales.Failure = new TimeoutException("no silo");
        _ann.Send("{'type':'candidate','ufrag':'u','mid':'0','candidate':null}");
        _world.Sales.Failure = null;
        Assert.Contains("the one before stays good", _world.Log.Text, StringComparison.Ordinal);
        Assert.True(_ann.Socket.IsOpen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData(".")]
    [InlineData("AAAA.!!!!")]
    [InlineData("AAAA.YWNtZS9zYWxlcw")] // acme/sales
    public void Resume_WrongSecret_FailsAndTheSessionStays(string secret)
    {
        _ann.Cut();
        if (secret.Length == 0) secret = _ann.Joined.GetProperty("secret").GetString()! + "A";
        _ann.Resume(Seq, secret: secret);
        Assert.Equal("unauthorized", Refusal(_ann));
        Assert.Single(_world.Sales.Participants);
    }

    [Fact]
    public void Resume_Refused_JoinsAnewWithTheToken()
    {
        ParticipantId before = _ann.Id;
        _ann.Cut();
        _world.Clock.Advance(TimeSpan.FromSeconds(31));
        _ann.Resume(Seq, token: "ann");

        JsonElement joined = _ann.Socket.Next("joined");
        Assert.False(joined.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(before, _ann.Id);
        Assert.NotEqual(_ann.Joined.GetProperty("session").GetString(), joined.GetProperty("session").GetString());
    }

    [Fact]
    public void SocketLost_MediaFlows_LeavesWithTimeoutAtTheEndOfTheWindow()
    {
        _ann.Cut();
        _world.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Single(_world.Sales.Participants);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains($"leave {_ann.Id} Timeout", _world.Sales.Calls);
        Assert.True(_ann.Media.IsDisposed);
    }

    [Fact]
    public void SocketLost_ThenMediaTimesOut_LeavesWithTimeoutAtOnce()
    {
        _ann.Cut();
        _world.Clock.Advance(TimeSpan.FromSeconds(12));
        _ann.Media.Sink.OnMediaClosed("timeout");
        Assert.Contains($"leave {_ann.Id} Timeout", _world.Sales.Calls);
    }

    [Fact]
    public void SocketLost_MediaNeverConnected_LeavesWithinFifteenSeconds()
    {
        Client bo = _world.Join("bo");
        bo.Cut();
        _world.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Contains($"leave {bo.Id} Timeout", _world.Sales.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SocketAndDtlsClosed_ClientLeftAtOnce(bool mediaFirst)
    {
        if (mediaFirst) _ann.Media.Sink.OnMediaClosed("closed_by_client");
        _ann.Cut();
        if (!mediaFirst) _ann.Media.Sink.OnMediaClosed("closed_by_client");
        Assert.Contains($"leave {_ann.Id} ClientLeft", _world.Sales.Calls);
    }

    [Fact]
    public void Resume_ServerStartedAgain_GoesOnWithNewMedia()
    {
        Track track = _world.Sales.Publish(_ann.Id, MediaKind.Video);
        _ann.Session.Stop();
        Assert.Empty(_world.Services.Registry.Sessions);
        _world.Id = "node-2";
        ParticipantId before = _ann.Id;
        _ann.Resume(Seq);

        JsonElement joined = _ann.Socket.Next("joined");
        Assert.True(joined.GetProperty("resumed").GetBoolean());
        Assert.Equal(before, _ann.Id);
        Assert.Equal(2, _world.Media.Opened.Count);
        Assert.Equal("node-2", _world.Sales["ann"].Node);
        JsonElement[] rest = _ann.Socket.Rest();
        Assert.Equal("closed", joined.GetProperty("media").GetString());
        Assert.DoesNotContain(rest, message => message.GetProperty("type").GetString() == "media");
        Assert.Contains($"unpublish {before} {track.Id} Replaced", _world.Sales.Calls);
        Assert.Contains(rest, message => message.GetProperty("type").GetString() == "event" && message.GetProperty("kind").GetString() == "track_unpublished");
        Assert.Empty(_world.Sales["ann"].Tracks);

        _ann.Send("{'type':'offer','id':3,'rev':7,'sdp':'v=0'}");
        _ann.Socket.Next("answer");
    }

    [Fact]
    public void Resume_MediaEndedMeanwhile_IsToldOnceByJoined()
    {
        _ann.Cut();
        _ann.Media.Sink.OnMediaClosed("dtls_failed");
        _ann.Resume(Seq);
        Assert.Equal("closed", _ann.Socket.Next("joined").GetProperty("media").GetString());
        _ann.Media.Sink.OnMediaClosed("dtls_failed"); // the replay of the media session
        _ann.Socket.AssertNothing();

        _ann.Send("{'type':'offer','id':3,'rev':1,'sdp':'v=0'}");
        _ann.Socket.Next("answer");
        _ann.Media.Sink.OnMediaClosed("dtls_failed"); // the new connection fails as well
        Assert.Equal("closed", _ann.Socket.Next("media").GetProperty("state").GetString());
    }

    [Fact]
    public void Resume_OnAnotherNode_EndsTheSessionHereButNotTheParticipant()
    {
        _world.Sales.Append(new SessionResumed(_ann.Id, "hash", "node-1"), EventAudience.Internal);
        Assert.True(_ann.Socket.IsOpen);
        _world.Sales.Append(new SessionResumed(_ann.Id, "hash", "node-2"), EventAudience.Internal);

        Assert.Equal(4409, _ann.Socket.CloseCode);
        Assert.True(_ann.Media.IsDisposed);
        Assert.Empty(_world.Services.Registry.Sessions);
        Assert.DoesNotContain(_world.Sales.Calls, call => call.StartsWith("leave", StringComparison.Ordinal));
    }

    [Fact]
    public void Joined_SaysWhetherMediaFlows()
    {
        Assert.Equal("none", _ann.Joined.GetProperty("media").GetString());
        _ann.Resume(Seq);
        Assert.Equal("connected", _ann.Socket.Next("joined").GetProperty("media").GetString());
    }

    [Theory]
    [InlineData(RoomErrorCode.Limit, "limit")]
    [InlineData(RoomErrorCode.TryAgain, "internal")]
    public void Resume_NotNow_IsToldWhenAndNotJoinedAnew(RoomErrorCode code, string word)
    {
        _ann.Cut();
        _world.ResumeOverride = new ResumeRefused(new RoomError(code, "Later.", TimeSpan.FromSeconds(5)));
        _ann.Resume(Seq, token: "ann");
        Assert.Equal((word, 5000L, 1013), (_world.LastReply!.Error!.Code, _world.LastReply.Error.RetryAfterMs, _world.LastReply.CloseCode));
        Assert.Single(_world.Sales.Participants);

        _world.ResumeOverride = null;
        _ann.Resume(Seq, token: "ann");
        Assert.True(_ann.Socket.Next("joined").GetProperty("resumed").GetBoolean());
        Assert.True(_world.WasKnown);
    }

    [Fact]
    public void Resume_SessionNotHere_WaitsAmongItsLikeAndNotForABlockedAddress()
    {
        _ann.Session.Stop();
        for (int i = 0; i < 20; i++) _world.TryJoin("bad");
        _ann.Resume(Seq);
        Assert.Equal(("limit", 60_000L), (_world.LastReply!.Error!.Code, _world.LastReply.Error.RetryAfterMs));
        Assert.Null(_world.WasKnown);

        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _ann.Resume(Seq);
        Assert.True(_ann.Socket.Next("joined").GetProperty("resumed").GetBoolean());
        Assert.False(_world.WasKnown);
    }

    [Fact]
    public void Resume_RoomThrows_AnswersInternalAndTheSessionStays()
    {
        _ann.Cut();
        _world.Sales.Failure = new TimeoutException();
        _ann.Resume(Seq);
        Assert.Equal("internal", Refusal(_ann));
        _world.Sales.Failure = null;
        Assert.Single(_world.Services.Registry.Sessions);
    }

    [Fact]
    public void TryReadRoom_OwnSecrets_RoundTripAndNameTheRoom()
    {
        var longest = new RoomKey(new string('t', 64), new string('r', 128));
        string secret = SessionSecret.Create(longest);
        Assert.True(secret.Length <= 512);
        Assert.True(SessionSecret.TryReadRoom(secret, out RoomKey read));
        Assert.Equal(longest, read);
        Assert.NotEqual(SessionSecret.Create(longest), secret);
        Assert.False(SessionSecret.TryReadRoom(secret + "AAAA", out _));
    }

    private string? Refusal(Client client) => _world.LastReply?.Error?.Code ?? client.Socket.Next("error").GetProperty("code").GetString();
}
