using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Tests.Nodes;

public sealed class SubscribeTests
{
    private readonly NodeFixture _node = new();

    [Fact]
    public async Task Automatic_TracksOfOthers_AreReceivedAfterOneNegotiation()
    {
        TestClient bo = _node.Join("bo");
        TestClient ann = await PublisherAsync("ann");
        _node.Gather();

        Assert.Equal([(1, 1, "tracks")], bo.Sink.Negotiations);
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        _node.Gather();

        Assert.Equal(ann.Published, bo.Received);
        Assert.Equal(2, _node.Worker.Consumers.Count);
        Assert.Single(bo.Sink.Negotiations);
        Assert.Empty(ann.Sink.Negotiations);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Automatic_LateJoiner_IsAskedRightAfterOpening()
    {
        await PublisherAsync("ann");
        TestClient bo = _node.Join("bo");
        Assert.Empty(bo.Sink.Negotiations);
        _node.Time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Empty(bo.Sink.Negotiations);
        _node.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([(1, 1, "tracks")], bo.Sink.Negotiations);
    }

    [Fact]
    public async Task Automatic_TwentyTracksWithinTheDelay_AreAskedForOnce()
    {
        TestClient bo = _node.Join("bo");
        for (int i = 0; i < 10; i++) await PublisherAsync($"ann{i}");
        _node.Gather();

        Assert.Equal([(10, 10, "tracks")], bo.Sink.Negotiations);
    }

    [Fact]
    public async Task Negotiate_OfferCrossesTheRequest_IsNotAskedTwice()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");
        bo.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Gather();                                    // the request is on its way ..
        await bo.OfferAsync();                             // .. when this offer without receiving sections comes
        _node.Gather();
        Assert.Single(bo.Sink.Negotiations);

        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        _node.Gather();

        Assert.Single(bo.Sink.Negotiations);
        Assert.Equal(2, bo.Received.Count());
    }

    [Fact]
    public async Task Negotiate_ClientIgnoresIt_IsAskedAgainAfterTwoOffers()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");
        bo.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Gather();
        for (int i = 0; i < 2; i++)
        {
            await bo.OfferAsync();
            _node.Gather();
        }

        Assert.Equal([(1, 1, "tracks"), (1, 1, "tracks")], bo.Sink.Negotiations);
    }

    [Fact]
    public async Task TrackEnds_SectionIsIdleAndServesTheNextTrackWithANewSsrc()
    {
        TestClient bo = _node.Join("bo");
        TestClient ann = await PublisherAsync("ann");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        uint ssrc = bo.Answer!.MediaSections[1].Ssrcs[0].Ssrc;

        _node.Room.Leave(ann.Id);
        Assert.Empty(_node.Worker.Consumers);
        TestClient cy = await PublisherAsync("cy");
        _node.Gather();
        Assert.Equal((0, 0, "tracks"), bo.Sink.Negotiations[^1]);
        await bo.OfferAsync();

        Assert.Equal(cy.Published, bo.Received);
        Assert.Equal(2, bo.Connection.Transceivers.Count);
        Assert.NotEqual(ssrc, bo.Answer!.MediaSections[1].Ssrcs[0].Ssrc);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Offer_Again_KeepsTracksOnTheirSections()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");
        await PublisherAsync("cy");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        Dictionary<string, TrackId?> before = bo.Sections.ToDictionary(s => s.Key, s => s.Value.Track);
        int commands = _node.Worker.Log.Count;

        await bo.OfferAsync();

        Assert.Equal(before, bo.Sections.ToDictionary(s => s.Key, s => s.Value.Track));
        Assert.Equal(commands, _node.Worker.Log.Count);
    }

    [Fact]
    public async Task Manual_NothingIsReceivedUntilSwitchedOn()
    {
        TestClient bo = _node.Join("bo", NodeFixture.Manual);
        TestClient ann = await PublisherAsync("ann");
        _node.Gather();
        Assert.Empty(bo.Sink.Negotiations);

        TrackId camera = ann.Sections["1"].Track!.Value;
        Assert.Null(bo.Session.Subscribe([camera], on: true));
        _node.Gather();
        Assert.Equal([(0, 1, "subscribe")], bo.Sink.Negotiations);
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        Assert.Equal([camera], bo.Received);

        Assert.Null(bo.Session.Subscribe([camera], on: false));
        Assert.Empty(_node.Worker.Consumers);
        await bo.OfferAsync();
        Assert.Empty(bo.Received);
    }

    [Fact]
    public async Task Subscribe_UnknownOwnOrForbidden_IsRefused()
    {
        TestClient ann = await PublisherAsync("ann");
        TestClient eve = _node.Join("eve", rights: new ParticipantRights(true, Subscribe: false, true, false, false, false, []));

        Assert.Equal(RoomErrorCode.NotFound, ann.Session.Subscribe([new TrackId("TR_none")], true)!.Code);
        Assert.Equal(RoomErrorCode.NotFound, ann.Session.Subscribe([ann.Published.First()], true)!.Code);
        Assert.Equal(RoomErrorCode.Forbidden, eve.Session.Subscribe([ann.Published.First()], true)!.Code);
        _node.Gather();
        Assert.Empty(eve.Sink.Negotiations);
    }

    [Fact]
    public async Task Subscribe_BeyondTheLimit_IsRefusedAndAutomaticTakesTheOldest()
    {
        TestClient auto = _node.Join("auto");
        TestClient manual = _node.Join("manual", NodeFixture.Manual);
        var tracks = new List<TrackId>();
        for (int i = 0; i < 51; i++) tracks.AddRange((await PublisherAsync($"ann{i}")).Published);
        _node.Gather();

        Assert.Equal((50, 50, "tracks"), auto.Sink.Negotiations.Single());
        Assert.Null(manual.Session.Subscribe([.. tracks.Take(SubscriptionList.Limit)], true));
        Assert.Equal(RoomErrorCode.Limit, manual.Session.Subscribe([tracks[^1]], true)!.Code);
        Assert.Null(manual.Session.Subscribe([tracks[0]], false));
        Assert.Null(manual.Session.Subscribe([tracks[^1]], true));
    }

    [Fact]
    public async Task Offer_NoCommonCodec_IsRefusedPerSectionAndTheSectionStays()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");                       // VP8
        bo.Connection.Add("video", SdpDirection.RecvOnly, "H264");
        bo.Connection.Add("audio", SdpDirection.RecvOnly);

        MediaAnswer answer = await bo.OfferAsync();
        _node.Gather();

        Assert.Equal("no_common_codec", answer.Sections["0"].Refused);
        Assert.NotNull(answer.Sections["0"].Track);
        Assert.Null(answer.Sections["1"].Refused);
        Assert.Empty(bo.Sink.Negotiations);
        answer = await bo.OfferAsync();
        Assert.Equal("no_common_codec", answer.Sections["0"].Refused);
    }

    [Fact]
    public async Task Hidden_PublishesUnseen_NobodyReceivesIt()
    {
        TestClient bo = _node.Join("bo");
        TestClient spy = _node.Join("spy", rights: new ParticipantRights(true, true, true, false, Hidden: true, false, []));
        spy.Connection.Add("audio", SdpDirection.SendOnly);
        await spy.OfferAsync();
        TestClient late = _node.Join("late");
        _node.Gather();

        Assert.Empty(bo.Sink.Negotiations);
        Assert.Empty(late.Sink.Negotiations);
    }

    [Fact]
    public async Task Layers_AreKeptForTheConsumerToCome()
    {
        TestClient bo = _node.Join("bo");
        TestClient ann = await PublisherAsync("ann");
        TrackId camera = ann.Sections["1"].Track!.Value;

        Assert.Null(bo.Session.SetLayers(camera, new LayerWish(320, 180, 15, 200)));
        Assert.Equal(RoomErrorCode.NotFound, bo.Session.SetLayers(new TrackId("TR_none"), new LayerWish(0, 0))!.Code);
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        SetConsumerPreferences first = Assert.Single(_node.Worker.Preferences.Values);
        Assert.Equal((320, 180, 15, 200), (first.MaxWidth, first.MaxHeight, first.MaxFramesPerSecond, first.Priority));

        Assert.Null(bo.Session.SetLayers(camera, new LayerWish(0, 0, IsPaused: true)));
        Assert.True(_node.Worker.Preferences[first.Consumer].Paused);
    }

    [Fact]
    public async Task Replay_WhatWaits_IsAskedForOnceMore()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");
        _node.Gather();

        bo.Session.Replay();
        _node.Gather();

        Assert.Equal([(1, 1, "tracks"), (1, 1, "tracks")], bo.Sink.Negotiations);
    }

    private async Task<TestClient> PublisherAsync(string identity)
    {
        TestClient client = _node.Join(identity, NodeFixture.Manual);
        client.Connection.Add("audio", SdpDirection.SendOnly);
        client.Connection.Add("video", SdpDirection.SendOnly);
        await client.OfferAsync();
        return client;
    }
}
