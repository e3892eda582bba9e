using System.Text.Json;
using Sfu.Rooms;
using Sfu.Signalling.Sessions;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionJoinTests
{
    private readonly World _world = new();

    [Fact]
    public void Join_EmptyRoom_AnswersJoinedWithEveryMember()
    {
        Client ann = _world.Join("ann+admin");

        JsonElement joined = ann.Joined;
        Assert.Equal(1, joined.GetProperty("re").GetInt32());
        Assert.StartsWith("S_", joined.GetProperty("session").GetString());
        Assert.True(joined.GetProperty("secret").GetString()!.Length >= 43);
        Assert.Equal(30_000, joined.GetProperty("resumeWindowMs").GetInt64());
        Assert.Equal("host", joined.GetProperty("participant").GetProperty("role").GetString());
        Assert.True(joined.GetProperty("participant").GetProperty("rights").GetProperty("admin").GetBoolean());
        Assert.Equal("sales", joined.GetProperty("room").GetProperty("name").GetString());
        Assert.Empty(joined.GetProperty("room").GetProperty("waiting").EnumerateArray());
        Assert.Empty(joined.GetProperty("participants").EnumerateArray());
        Assert.Equal(65_536, joined.GetProperty("limits").GetProperty("frameBytes").GetInt32());
        Assert.Equal("off", joined.GetProperty("recording").GetProperty("state").GetString());
        Assert.Equal(_world.Sales.LastSeq, joined.GetProperty("seq").GetInt64());
        Assert.False(joined.GetProperty("resumed").GetBoolean());
        ann.Socket.AssertNothing();
    }

    // A client may offer as soon as it has read "joined", which is before the join has returned.
    [Fact]
    public void Join_TheSocket_KnowsItsSessionBeforeItIsAnswered()
    {
        Client ann = _world.Join("ann");

        (Session session, int sent) = Assert.Single(_world.Attached);
        Assert.Same(ann.Session, session);
        Assert.Equal(0, sent);
    }

    [Fact]
    public void Join_OthersAreThere_ListsThemAndTellsThem()
    {
        Client ann = _world.Join("ann");
        Track track = _world.Sales.Publish(ann.Id);
        ann.Socket.Skip();

        Client bo = _world.Join("bo");

        JsonElement seen = Assert.Single(bo.Joined.GetProperty("participants").EnumerateArray());
        Assert.Equal("ann", seen.GetProperty("identity").GetString());
        Assert.Equal(track.Id.Value, seen.GetProperty("tracks")[0].GetProperty("id").GetString());
        Assert.False(seen.TryGetProperty("rights", out _), "rights are for oneself only");
        JsonElement told = ann.Socket.NextEvent("participant_joined");
        Assert.Equal("BO", told.GetProperty("participant").GetProperty("name").GetString());
        Assert.False(bo.Joined.GetProperty("room").TryGetProperty("waiting", out _), "who waits is for hosts only");
    }

    [Fact]
    public void Offer_Answered_CarriesTracksByMid()
    {
        Client ann = _world.Join("ann");
        ann.Media.Answer = _ => new("v=0 answer", new Dictionary<string, Sfu.Nodes.AnsweredSection>
        {
            ["0"] = new(new TrackId("TR_9"), ann.Id, null),
            ["1"] = new(null, ann.Id, "forbidden"),
        }, null);

        ann.Send("{'type':'offer','id':2,'rev':1,'sdp':'v=0','tracks':{'0':{'kind':'audio','source':'microphone','name':'mic'}}}");

        JsonElement answer = ann.Socket.Next("answer");
        Assert.Equal(2, answer.GetProperty("re").GetInt32());
        Assert.Equal(1, answer.GetProperty("rev").GetInt32());
        Assert.Equal("v=0 answer", answer.GetProperty("sdp").GetString());
        Assert.Equal("TR_9", answer.GetProperty("tracks").GetProperty("0").GetProperty("track").GetString());
        Assert.Equal("", answer.GetProperty("tracks").GetProperty("1").GetProperty("track").GetString());
        Assert.Equal("forbidden", answer.GetProperty("tracks").GetProperty("1").GetProperty("refused").GetString());
        Assert.Equal("mic", ann.Media.Labels[0]["0"].Name);
    }

    [Fact]
    public void Leave_Joined_LeavesTheRoomThenSaysBye()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'leave','id':5,'reason':'done'}");

        Assert.Contains($"leave {ann.Id} ClientLeft done", _world.Sales.Calls);
        JsonElement bye = ann.Socket.Next("bye");
        Assert.Equal(5, bye.GetProperty("re").GetInt32());
        Assert.Equal("left", bye.GetProperty("reason").GetString());
        Assert.Equal("none", bye.GetProperty("action").GetString());
        Assert.Equal(1000, ann.Socket.CloseCode);
        Assert.True(ann.Media.IsDisposed);
        Assert.Empty(_world.Services.Registry.Sessions);
    }

    [Fact]
    public void Ping_Joined_AnswersPong()
    {
        Client ann = _world.Join("ann");
        ann.Send("{'type':'ping','t':-7}");

        JsonElement pong = ann.Socket.Next("pong");
        Assert.Equal(-7, pong.GetProperty("t").GetInt64());
        Assert.Equal(1_760_000_000_000, pong.GetProperty("now").GetInt64());
        Assert.False(pong.TryGetProperty("re", out _));
    }
}
