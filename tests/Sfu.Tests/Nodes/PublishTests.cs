using Sfu.Media.Rtp;
using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Tests.Nodes;

public sealed class PublishTests
{
    private readonly NodeFixture _node = new();

    [Fact]
    public async Task Offer_FirstWithAudioAndVideo_PublishesBothAndMakesProducers()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        ann.Connection.Add("video", SdpDirection.SendOnly);

        MediaAnswer answer = await ann.OfferAsync();

        Assert.Equal([TrackSource.Microphone, TrackSource.Camera], _node.Room.Tracks.Select(t => t.Source));
        Assert.Equal(["opus", "VP8"], _node.Room.Tracks.Select(t => t.Codec));
        Assert.Equal(_node.Room.Tracks.Select(t => (TrackId?)t.Id), [answer.Sections["0"].Track, answer.Sections["1"].Track]);
        Assert.All(answer.Sections.Values, section => Assert.Equal(ann.Id, section.Participant));
        Assert.Single(_node.Worker.Transports);
        Assert.Equal(["0", "1"], _node.Worker.Producers.Values.Select(p => p.Parameters.Mid));
        Assert.Equal(new Ssrc(1012), _node.Worker.Producers.Values.Last().Parameters.Encodings[0].Ssrc);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Offer_Labels_NameAndSourceReachTheRoom()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("video", SdpDirection.SendOnly);

        await ann.OfferAsync(new Dictionary<string, TrackLabel> { ["0"] = new(MediaKind.Video, TrackSource.ScreenShare, "slides") });

        TrackDraft draft = Assert.Single(_node.Room.Drafts);
        Assert.Equal((TrackSource.ScreenShare, "slides", "VP8"), (draft.Source, draft.Name, draft.Codec));
    }

    [Theory]
    [InlineData("9", null, null)]
    [InlineData("0", MediaKind.Video, null)]
    [InlineData("0", null, TrackSource.Camera)]
    public async Task Offer_LabelThatDoesNotFit_IsBadMessage(string mid, MediaKind? kind, TrackSource? source)
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);

        MediaAnswer answer = await ann.TryOfferAsync(new Dictionary<string, TrackLabel> { [mid] = new(kind, source) });

        Assert.Equal(("bad_message", "tracks"), (answer.Error!.Code, answer.Error.Field));
        Assert.Empty(_node.Room.Drafts);
        Assert.Empty(_node.Worker.Log);
    }

    [Fact]
    public async Task Offer_Unreadable_IsBadSdpAndChangesNothing()
    {
        TestClient ann = _node.Join("ann");

        MediaAnswer answer = await ann.Session.OfferAsync("v=0\r\nnonsense", new Dictionary<string, TrackLabel>());

        Assert.Equal("bad_sdp", answer.Error!.Code);
        Assert.Null(answer.Sdp);
        Assert.Empty(_node.Worker.Log);
    }

    [Fact]
    public async Task Offer_SectionTurnsInactive_UnpublishesAndTheSectionMayPublishAgain()
    {
        TestClient ann = _node.Join("ann");
        ModelTransceiver camera = ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();
        TrackId first = ann.Published.Single();

        camera.Direction = SdpDirection.Inactive;
        await ann.OfferAsync();
        Assert.Empty(ann.Published);
        Assert.Empty(_node.Worker.Producers);
        Assert.Equal([(first, UnpublishReason.Unpublished)], _node.Room.Ended);

        camera.Direction = SdpDirection.SendOnly;
        await ann.OfferAsync();
        Assert.NotEqual(first, ann.Published.Single());
        Assert.Single(_node.Worker.Producers);
    }

    [Fact]
    public async Task Offer_StoppedTransceiver_UnpublishesAndItsPlaceIsUsedAgain()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        ModelTransceiver camera = ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();

        camera.IsStopped = true;
        await ann.OfferAsync();
        Assert.Single(ann.Published);
        ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();

        Assert.Equal(2, ann.Connection.Transceivers.Count);
        Assert.Equal(2, ann.Published.Count());
        Assert.Equal(2, _node.Worker.Producers.Count);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Offer_AfterUnpublishWithoutOffer_SectionIsInactiveUntilItIsLabelledAgain()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();
        TrackId first = ann.Published.Single();

        _node.Room.Unpublish(first);
        Assert.Empty(_node.Worker.Producers);
        await ann.OfferAsync();
        Assert.Empty(ann.Sections);
        await ann.OfferAsync(new Dictionary<string, TrackLabel> { ["0"] = new(null, TrackSource.Microphone) });

        Assert.NotEqual(first, ann.Published.Single());
    }

    [Fact]
    public async Task Offer_RoomForbidsOrLimits_SectionIsRefusedWithTheCode()
    {
        _node.Room.TrackLimit = 1;
        TestClient ann = _node.Join("ann", rights: new ParticipantRights(true, true, true, false, false, false, [TrackSource.Camera]));
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        ann.Connection.Add("video", SdpDirection.SendOnly);
        ann.Connection.Add("video", SdpDirection.SendOnly);

        MediaAnswer answer = await ann.OfferAsync();

        Assert.Equal(("forbidden", null, "limit"), (answer.Sections["0"].Refused, answer.Sections["1"].Refused, answer.Sections["2"].Refused));
        Assert.Null(answer.Sections["0"].Track);
        Assert.Single(_node.Worker.Producers);

        // The refusal stays with the section while the client goes on sending.
        answer = await ann.OfferAsync();
        Assert.Equal("limit", answer.Sections["2"].Refused);
        Assert.Equal(3, _node.Room.Drafts.Count);
    }

    [Fact]
    public async Task Offer_RoomDoesNotAnswer_IsInternalAndNothingChanged()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.IsDown = true;

        MediaAnswer refused = await ann.TryOfferAsync();
        Assert.Equal("internal", refused.Error!.Code);
        Assert.Empty(_node.Worker.Log);

        _node.Room.IsDown = false;
        await ann.OfferAsync();
        Assert.Single(ann.Published);
    }

    [Fact]
    public async Task Offer_WhileAnotherIsOpen_IsBadState()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.Gate = new TaskCompletionSource();

        Task<MediaAnswer> first = ann.OfferAsync();
        MediaAnswer second = await ann.Session.OfferAsync(ann.Connection.Offer(), new Dictionary<string, TrackLabel>());
        _node.Room.Gate.SetResult();

        Assert.Equal("bad_state", second.Error!.Code);
        Assert.Null((await first).Error);
        Assert.Single(_node.Room.Tracks);
    }

    [Fact]
    public async Task Offer_SessionEndsWhileTheRoomIsAsked_TracksAreWithdrawn()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.Gate = new TaskCompletionSource();

        Task<MediaAnswer> offer = ann.Session.OfferAsync(ann.Connection.Offer(), new Dictionary<string, TrackLabel>());
        ann.Session.Dispose();
        _node.Room.Gate.SetResult();

        Assert.Equal("bad_state", (await offer).Error!.Code);
        Assert.Single(_node.Room.Withdrawn);
        Assert.Empty(_node.Worker.Log);
    }

    [Fact]
    public async Task Offer_TrackMutedBeforeItsProducer_ProducerIsMadeMuted()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.BeforeAnswer = tracks => _node.Room.Mute(tracks[0].Id, muted: true);

        await ann.OfferAsync();

        Assert.Equal(Assert.Single(_node.Worker.Producers).Key, Assert.Single(_node.Worker.Muted));
    }

    [Fact]
    public async Task Offer_TrackEndedBeforeItsProducer_SectionIsInactive()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.BeforeAnswer = tracks => _node.Room.Unpublish(tracks[0].Id);

        await ann.OfferAsync();

        Assert.Empty(ann.Published);
        Assert.Empty(_node.Worker.Producers);
    }

    [Fact]
    public async Task Offer_OtherCertificate_ReplacesTransportAndTracks()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();
        TrackId first = ann.Published.Single();

        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();

        Assert.Equal([(first, UnpublishReason.Replaced)], _node.Room.Ended);
        Assert.Single(_node.Worker.Transports);
        Assert.Single(_node.Worker.Producers);
        Assert.Empty(_node.Worker.Stale);
        Assert.Empty(ann.Sink.Media);
    }

    [Fact]
    public async Task Offer_NewCredentials_RestartsIceOnTheSameTransport()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();
        string? before = ann.Answer!.MediaSections[0].IceUfrag;

        ann.Connection.RestartIce();
        await ann.OfferAsync();

        RestartIce restart = Assert.Single(_node.Worker.Log.OfType<RestartIce>());
        Assert.Equal(restart.Local.Ufrag, ann.Answer.MediaSections[0].IceUfrag);
        Assert.NotEqual(before, ann.Answer.MediaSections[0].IceUfrag);
        Assert.Single(ann.Published);
        Assert.Single(_node.Worker.Log.OfType<OpenTransport>());
    }

    [Fact]
    public async Task Offer_FormatsOfAPublishedSectionChange_UpdatesProducerAndViewersOfferAgain()
    {
        TestClient ann = _node.Join("ann");
        TestClient bo = _node.Join("bo");
        ModelTransceiver camera = ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations.Single());
        uint ssrc = bo.Answer!.MediaSections[0].Ssrcs[0].Ssrc;

        camera.Codec = "H264";
        await ann.OfferAsync();
        Assert.Single(_node.Worker.Log.OfType<UpdateProducer>());
        Assert.Empty(_node.Worker.Consumers);
        _node.Gather();
        Assert.Equal((0, 0, "tracks"), bo.Sink.Negotiations[^1]);
        await bo.OfferAsync();

        Assert.Equal(ann.Published, bo.Received);
        Assert.NotEqual(ssrc, bo.Answer.MediaSections[0].Ssrcs[0].Ssrc);
        Assert.Equal(103, Assert.Single(_node.Worker.Consumers.Values).Parameters.Codecs[0].ProducerPayloadType);
    }
}
