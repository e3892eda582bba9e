using System.Text.Json;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionEventTests
{
    private readonly World _world = new();

    [Fact]
    public void Event_OfTheRoom_GoesToMediaAndClientInOrder()
    {
        Client ann = _world.Join("ann");
        long seq = _world.Sales.LastSeq;
        Participant bo = _world.Sales.AddOther("bo");
        Track track = _world.Sales.Publish(bo.Id, MediaKind.Video);
        _world.Sales.Append(new TrackMuted(track.Id, bo.Id, true, MuteReason.Self, RoomActor.Of(bo.Id)));

        Assert.Equal([seq + 1, seq + 2, seq + 3], ann.Media.Events);
        Assert.Equal(seq + 1, ann.Socket.NextEvent("participant_joined").GetProperty("seq").GetInt64());
        Assert.Equal(seq + 2, ann.Socket.NextEvent("track_published").GetProperty("seq").GetInt64());
        Assert.Equal(seq + 3, ann.Socket.NextEvent("track_muted").GetProperty("seq").GetInt64());
        ann.Socket.AssertNothing();
    }

    [Theory]
    [InlineData(MuteReason.Admin, "admin")]
    [InlineData(MuteReason.MuteAll, "mute_all")]
    [InlineData(MuteReason.Server, "server")]
    public void Mute_OfOwnTrackBySomebodyElse_IsToldApart(MuteReason reason, string word)
    {
        Client ann = _world.Join("ann");
        Participant host = _world.Sales.AddOther("host", Rights.Host);
        Track track = _world.Sales.Publish(ann.Id);
        ann.Socket.Skip();
        RoomActor by = reason == MuteReason.Server ? RoomActor.BackEnd("key") : RoomActor.Of(host.Id);
        _world.Sales.Append(new TrackMuted(track.Id, ann.Id, true, reason, by));

        ann.Socket.NextEvent("track_muted");
        JsonElement mute = ann.Socket.Next("mute");
        Assert.Equal(track.Id.Value, mute.GetProperty("track").GetString());
        Assert.True(mute.GetProperty("muted").GetBoolean());
        Assert.Equal(word, mute.GetProperty("reason").GetString());
        Assert.Equal(reason == MuteReason.Server ? null : host.Id.Value, mute.GetProperty("by").GetString());
    }

    [Fact]
    public void Mute_OfOwnTrackByOneself_IsAnEventOnly()
    {
        Client ann = _world.Join("ann");
        Track track = _world.Sales.Publish(ann.Id);
        ann.Socket.Skip();
        _world.Sales.Append(new TrackMuted(track.Id, ann.Id, true, MuteReason.Self, RoomActor.Of(ann.Id)));
        ann.Socket.NextEvent("track_muted");
        ann.Socket.AssertNothing();
    }

    [Fact]
    public void Hidden_Participant_AppearsNowhere()
    {
        Client ghost = _world.Join("ghost+hidden+admin");
        Client ann = _world.Join("ann");
        Assert.Empty(ann.Joined.GetProperty("participants").EnumerateArray());
        Client late = _world.Join("late+hidden");
        ann.Socket.AssertNothing();

        _world.Sales.Append(new RoomLocked(true, RoomActor.Of(ghost.Id)));
        Assert.Equal(JsonValueKind.Null, ann.Socket.NextEvent("room_locked").GetProperty("by").ValueKind);
        _world.Sales.Append(new RoomLocked(false, RoomActor.Of(late.Id)));
        Assert.Equal(JsonValueKind.Null, ann.Socket.NextEvent("room_locked").GetProperty("by").ValueKind);

        ann.Media.Sink.OnQuality(
        [
            new ParticipantQuality(ann.Id, "good", TimeSpan.FromMilliseconds(31.4), 0.01, 0.02, TimeSpan.FromMilliseconds(4.56)),
            new ParticipantQuality(ghost.Id, "poor", TimeSpan.Zero, 0, 0, TimeSpan.Zero),
        ]);
        JsonElement quality = Assert.Single(ann.Socket.Next("quality").GetProperty("participants").EnumerateArray());
        Assert.Equal(31, quality.GetProperty("rttMs").GetInt32());
        Assert.Equal(0.01, quality.GetProperty("lossUp").GetDouble());
        Assert.Equal(4.6, quality.GetProperty("jitterMs").GetDouble());

        ann.Media.Sink.OnSpeakers(ghost.Id, [new Speaker(ghost.Id, new TrackId("TR_9"), -20), new Speaker(ann.Id, new TrackId("TR_1"), -30)]);
        JsonElement speakers = ann.Socket.Next("speakers");
        Assert.Equal(JsonValueKind.Null, speakers.GetProperty("dominant").ValueKind);
        Assert.Equal(ann.Id.Value, Assert.Single(speakers.GetProperty("speakers").EnumerateArray()).GetProperty("participant").GetString());

        late.Send("{'type':'leave'}");
        ann.Socket.AssertNothing();
    }

    [Fact]
    public void Quality_OfOthers_HasNoNumbers()
    {
        Client ann = _world.Join("ann");
        Participant bo = _world.Sales.AddOther("bo");
        ann.Socket.Skip();
        ann.Media.Sink.OnQuality([new ParticipantQuality(bo.Id, "lost", TimeSpan.FromMilliseconds(5), 0.5, 0.5, TimeSpan.FromMilliseconds(9))]);
        Assert.Equal($$"""{"participant":"{{bo.Id}}","quality":"lost"}""", ann.Socket.Next("quality").GetProperty("participants")[0].GetRawText());
    }

    [Fact]
    public void Media_Says_BecomesMessages()
    {
        Client ann = _world.Join("ann");
        IMediaSessionSink sink = ann.Media.Sink;
        sink.OnNegotiate(2, 1, "tracks");
        sink.OnMediaConnected();
        sink.OnLayers(new TrackId("TR_1"), "h", 2, false, "bandwidth");
        sink.OnLayers(new TrackId("TR_1"), null, 0, true, "muted");
        sink.OnSpeakers(new ParticipantId("PA_7"), [new Speaker(new ParticipantId("PA_7"), new TrackId("TR_7"), -31)]);
        sink.OnSpeakers(null, []);
        sink.OnMediaClosed("ice_timeout");

        Assert.Equal("""{"type":"negotiate","audio":2,"video":1,"reason":"tracks"}""", ann.Socket.Next("negotiate").GetRawText());
        Assert.Equal("""{"type":"media","state":"connected"}""", ann.Socket.Next("media").GetRawText());
        Assert.Equal("""{"type":"layers","track":"TR_1","rid":"h","temporal":2,"paused":false,"reason":"bandwidth"}""", ann.Socket.Next("layers").GetRawText());
        Assert.Equal("""{"type":"layers","track":"TR_1","rid":null,"temporal":0,"paused":true,"reason":"muted"}""", ann.Socket.Next("layers").GetRawText());
        Assert.Equal(
            """{"type":"speakers","dominant":"PA_7","speakers":[{"participant":"PA_7","track":"TR_7","level":-31}]}""",
            ann.Socket.Next("speakers").GetRawText());
        Assert.Equal("""{"type":"speakers","dominant":null,"speakers":[]}""", ann.Socket.Next("speakers").GetRawText());
        Assert.Equal("""{"type":"media","state":"closed","reason":"ice_timeout"}""", ann.Socket.Next("media").GetRawText());
    }

    [Fact]
    public void MediaConnected_FirstTime_IsMeasuredFromTheJoinOnce()
    {
        Client ann = _world.Join("ann");
        _world.Clock.Advance(TimeSpan.FromMilliseconds(700));
        ann.Media.Sink.OnMediaConnected();
        ann.Media.Sink.OnMediaClosed("failed");
        ann.Media.Sink.OnMediaConnected();
        Assert.Equal((1, 0.7), _world.JoinDurations());
    }

    [Fact]
    public void FirstMedia_IsMeasuredFromTheJoinOrTheTrackWhicheverIsLater()
    {
        Client ann = _world.Join("ann");
        _world.Clock.Advance(TimeSpan.FromSeconds(3));
        ann.Media.Sink.OnFirstMedia(MediaKind.Audio, TimeSpan.FromSeconds(0.25));
        ann.Media.Sink.OnFirstMedia(MediaKind.Video, TimeSpan.FromSeconds(60));

        Dictionary<string, double> values = _world.Scrape("sfu_first_frame_seconds_");
        Assert.Equal((1, 0.25), (values["sfu_first_frame_seconds_count{kind=\"audio\"}"], values["sfu_first_frame_seconds_sum{kind=\"audio\"}"]));
        Assert.Equal((1, 3), (values["sfu_first_frame_seconds_count{kind=\"video\"}"], values["sfu_first_frame_seconds_sum{kind=\"video\"}"]));
    }

    [Theory]
    [InlineData(LeaveReason.ClientLeft, "left", "none", 1000)]
    [InlineData(LeaveReason.Kicked, "kicked", "none", 1000)]
    [InlineData(LeaveReason.Timeout, "timeout", "rejoin", 1008)]
    [InlineData(LeaveReason.DuplicateIdentity, "replaced", "none", 4409)]
    [InlineData(LeaveReason.TokenExpired, "token_expired", "none", 4401)]
    [InlineData(LeaveReason.ServerShutdown, "draining", "rejoin", 1013)]
    [InlineData(LeaveReason.NodeLost, "internal", "rejoin", 1011)]
    [InlineData(LeaveReason.ConnectionFailed, "timeout", "rejoin", 1008)]
    public void OwnLeaving_ForEachReason_SaysByeAndCloses(LeaveReason reason, string bye, string action, int code)
    {
        Client ann = _world.Join("ann");
        _world.Sales.Remove(ann.Id, reason);

        JsonElement last = ann.Socket.Next("bye");
        Assert.Equal(bye, last.GetProperty("reason").GetString());
        Assert.Equal(action, last.GetProperty("action").GetString());
        Assert.True(last.GetProperty("afterMs").GetInt64() >= 0);
        Assert.Equal(code, ann.Socket.CloseCode);
        Assert.True(ann.Media.IsDisposed);
        Assert.DoesNotContain(_world.Sales.Calls, call => call.StartsWith("leave", StringComparison.Ordinal));
    }

    [Fact]
    public void RoomClosed_IsSeenBeforeTheBye()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Remove(ann.Id, LeaveReason.RoomClosed);
        ann.Socket.AssertNothing();
        _world.Sales.Append(new RoomClosed(RoomCloseReason.Deleted, RoomActor.BackEnd("key")));

        Assert.Equal("deleted", ann.Socket.NextEvent("room_closed").GetProperty("reason").GetString());
        Assert.Equal("room_closed", ann.Socket.Next("bye").GetProperty("reason").GetString());
        Assert.Equal(1000, ann.Socket.CloseCode);
    }

    [Fact]
    public void RoomClosed_NeverTold_SaysByeAfterTwoSeconds()
    {
        Client ann = _world.Join("ann");
        _world.Sales.Remove(ann.Id, LeaveReason.RoomClosed);
        _world.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("room_closed", ann.Socket.Next("bye").GetProperty("reason").GetString());
    }

    [Fact]
    public void SameIdentity_JoinsAgain_ReplacesTheOldOne()
    {
        Client old = _world.Join("ann");
        Client fresh = _world.Join("ann");

        Assert.Equal("replaced", old.Socket.Next("bye").GetProperty("reason").GetString());
        Assert.Equal(4409, old.Socket.CloseCode);
        Assert.NotEqual(old.Id, fresh.Id);
        fresh.Send("{'type':'ping','t':1}");
        fresh.Socket.Next("pong");
    }

    [Fact]
    public void Hub_FailsAtFirst_IsAskedAgainWithoutLoss()
    {
        _world.Hub.Failure = new TimeoutException("no room");
        Client ann = _world.Join("ann");
        _world.Sales.AddOther("bo");
        ann.Socket.AssertNothing();
        _world.Hub.Failure = null;
        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        ann.Socket.NextEvent("participant_joined");
        Assert.Contains("cannot be followed", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_OfTheServer_AsksToResumeAndKeepsTheParticipant()
    {
        Client ann = _world.Join("ann");
        ann.Session.Stop();

        JsonElement bye = ann.Socket.Next("bye");
        Assert.Equal("draining", bye.GetProperty("reason").GetString());
        Assert.Equal("resume", bye.GetProperty("action").GetString());
        Assert.InRange(bye.GetProperty("afterMs").GetInt64(), 500, 2000);
        Assert.Equal(1013, ann.Socket.CloseCode);
        Assert.Single(_world.Sales.Participants);
    }

    [Fact]
    public void Media_ThrowsOnAnEvent_EndsTheSessionNotTheRoom()
    {
        Client ann = _world.Join("ann");
        Client bo = _world.Join("bo");
        ann.Socket.Skip();
        ann.Media.EventFailure = new InvalidOperationException("broken");
        _world.Sales.Append(new RoomLocked(true, RoomActor.Server));

        Assert.Equal("internal", ann.Socket.Next("bye").GetProperty("reason").GetString());
        Assert.Equal(1011, ann.Socket.CloseCode);
        bo.Socket.NextEvent("room_locked");
        Assert.Equal("connection_failed", bo.Socket.NextEvent("participant_left").GetProperty("reason").GetString());
    }
}
