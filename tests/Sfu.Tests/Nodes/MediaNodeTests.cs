using Sfu.Media.Ice;
using Sfu.Media.Sdp;
using Sfu.Media.Srtp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Nodes.Workers;
using Sfu.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

public sealed class MediaNodeTests
{
    private readonly NodeFixture _node = new(workers: 2);

    [Fact]
    public async Task TransportConnected_SessionIsToldAndMeasured()
    {
        TestClient ann = await PublisherAsync("ann");
        Assert.False(ann.Session.IsConnected);

        Connect(ann);

        Assert.True(ann.Session.IsConnected);
        Assert.Equal(["connected"], ann.Sink.Media);
        Assert.Equal(1, await _node.MetricAsync("sfu_transports{protocol=\"udp\"}"));
        Assert.Equal(1, await _node.MetricAsync("sfu_ice_seconds_count{protocol=\"udp\"}"));
        ann.Session.Dispose();
        Assert.Equal(0, await _node.MetricAsync("sfu_transports{protocol=\"udp\"}"));
    }

    [Theory]
    [InlineData(TransportCloseReason.Timeout, "timeout")]
    [InlineData(TransportCloseReason.IceTimeout, "ice_timeout")]
    [InlineData(TransportCloseReason.DtlsFailed, "dtls_failed")]
    [InlineData(TransportCloseReason.FingerprintMismatch, "fingerprint_mismatch")]
    [InlineData(TransportCloseReason.ClosedByClient, "closed_by_client")]
    [InlineData(TransportCloseReason.Failed, "failed")]
    public async Task TransportClosed_SessionIsToldWhyAndANewConnectionReplacesTheTracks(TransportCloseReason reason, string name)
    {
        TestClient bo = _node.Join("bo");
        TestClient ann = await PublisherAsync("ann");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        TrackId[] before = [.. ann.Published];
        Connect(ann);

        Lose(ann, reason);
        Assert.Equal(["connected", name], ann.Sink.Media);
        Assert.False(ann.Session.IsConnected);
        Assert.Empty(Carrying().Consumers);
        Assert.Equal(2, _node.Room.Tracks.Count());        // they end when the client is back, or leaves

        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();
        _node.Gather();
        await bo.OfferAsync();

        Assert.All(_node.Room.Ended, ended => Assert.Equal(UnpublishReason.Replaced, ended.Reason));
        Assert.Equal(before, _node.Room.Ended.Select(ended => ended.Track));
        Assert.Equal(ann.Published, bo.Received);
        Assert.Empty(Carrying().Stale);
    }

    [Fact]
    public async Task TransportClosed_NegotiateWaitsForTheNewConnection()
    {
        TestClient bo = _node.Join("bo");
        await PublisherAsync("ann");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        Lose(bo, TransportCloseReason.Timeout);
        await PublisherAsync("cy");
        _node.Gather();
        Assert.Single(bo.Sink.Negotiations);

        bo.Session.Replay();
        Assert.Equal(["timeout", "timeout"], bo.Sink.Media);
        bo.Reconnect();
        bo.Connection.Add("audio", SdpDirection.RecvOnly);
        await bo.OfferAsync();
        _node.Gather();

        Assert.Equal((1, 2, "tracks"), bo.Sink.Negotiations[^1]);
    }

    [Fact]
    public async Task RemoveParticipant_TransportClosesAndOffersAreRefused()
    {
        TestClient ann = await PublisherAsync("ann");

        _node.Node.RemoveParticipant(_node.Room.Fence, ann.Id, LeaveReason.Kicked, "");

        Assert.Single(Carrying().Log.OfType<CloseTransport>());
        Assert.Empty(Carrying().Transports);
        Assert.Empty(ann.Sink.Media);
        Assert.Equal("bad_state", (await ann.TryOfferAsync()).Error!.Code);
        ann.Session.Dispose();
        Assert.Empty(Carrying().Stale);
    }

    [Fact]
    public async Task SetTrackMuted_ReachesTheProducer()
    {
        TestClient ann = await PublisherAsync("ann");
        TrackId microphone = ann.Published.First();

        _node.Room.Mute(microphone, true);
        Assert.Single(Carrying().Muted);
        _node.Room.Mute(microphone, false);
        Assert.Empty(Carrying().Muted);
    }

    [Fact]
    public async Task Commands_OfAnOlderEpoch_AreRefusedAndCounted()
    {
        TestClient ann = await PublisherAsync("ann");
        TrackId microphone = ann.Published.First();
        _node.Node.SetTrackMuted(new RoomFence(FakeRoom.Key, 5), microphone, true);

        _node.Node.SetTrackMuted(new RoomFence(FakeRoom.Key, 4), microphone, false);
        _node.Node.RemoveParticipant(new RoomFence(FakeRoom.Key, 4), ann.Id, LeaveReason.Kicked, "");
        _node.Node.Supersede(new RoomFence(FakeRoom.Key, 4));

        Assert.Single(Carrying().Muted);
        Assert.Single(Carrying().Transports);
        Assert.Equal(3, await _node.MetricAsync("sfu_epoch_refusals_total{where=\"node\"}"));
        _node.Node.SetTrackMuted(new RoomFence(FakeRoom.Key, 5), microphone, false);
        Assert.Empty(Carrying().Muted);
    }

    [Fact]
    public async Task Commands_AboutNobody_AreCounted()
    {
        TestClient ann = await PublisherAsync("ann");
        _node.Node.RemoveTrack(_node.Room.Fence, new TrackId("TR_none"));
        _node.Node.SetTrackMuted(_node.Room.Fence, new TrackId("TR_none"), true);
        _node.Node.RemoveParticipant(_node.Room.Fence, new ParticipantId("PA_none"), LeaveReason.Kicked, "");

        Assert.Equal(3, await _node.MetricAsync("sfu_node_stale_commands_total"));
        Assert.Equal(2, ann.Published.Count());
    }

    [Fact]
    public async Task CloseRoomAndSupersede_CloseEveryTransportSilently()
    {
        TestClient ann = await PublisherAsync("ann");
        TestClient bo = await PublisherAsync("bo");

        _node.Node.Supersede(_node.Room.Fence);
        Assert.Empty(Carrying().Transports);
        Assert.False(ann.Session.IsConnected);
        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();                            // the session itself goes on, in the room's new life

        _node.Node.CloseRoom(_node.Room.Fence, RoomCloseReason.Deleted);
        Assert.Empty(Carrying().Transports);
        Assert.Empty(ann.Sink.Media.Concat(bo.Sink.Media));
        Assert.Equal("bad_state", (await bo.TryOfferAsync()).Error!.Code);
    }

    [Fact]
    public async Task Rooms_GoToTheLeastLoadedWorkerAndStayThere()
    {
        TestClient ann = await PublisherAsync("ann");
        Participant other = _node.Room.Join("other");
        var second = new TestClient(
            77, other, _node.Node.Open(new RoomKey("tenant", "second"), _node.Room.Snapshot(), other, NodeFixture.Manual, new RecordingSink()), new RecordingSink());
        second.Connection.Add("audio", SdpDirection.RecvOnly);
        await second.OfferAsync();
        await PublisherAsync("bo");

        Assert.Equal((2, 1), (_node.Workers[0].Transports.Count, _node.Workers[1].Transports.Count));
        Assert.Single(_node.Workers[0].Transports.Values.Select(t => t.Room).Distinct());
        Assert.Equal("1 1 udp 2130706431 192.0.2.1 7883 typ host", Assert.Single(second.Answer!.MediaSections[0].Candidates));
        second.Session.Dispose();
        ann.Session.Dispose();
        Assert.Equal(0, _node.Ports[1].Streams);
    }

    [Fact]
    public async Task WorkerEnds_ItsTransportsFailAndTheNextOfferGoesToAnother()
    {
        TestClient ann = await PublisherAsync("ann");
        _node.Workers[0].Dispose();
        _node.Node.OnWorkerEnded(_node.Ports[0]);

        Assert.Equal(["failed"], ann.Sink.Media);
        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();

        Assert.Single(_node.Workers[1].Producers);
        _node.Node.OnWorkerEnded(_node.Ports[1]);
        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        Assert.Equal("internal", (await ann.TryOfferAsync()).Error!.Code);
    }

    [Fact]
    public async Task Mailbox_FullForAWhile_CommandsArriveLaterInOrder()
    {
        _node.Workers[0].IsFull = true;
        TestClient ann = await PublisherAsync("ann");
        Assert.Empty(_node.Workers[0].Log);

        _node.Time.Advance(TimeSpan.FromSeconds(1));
        _node.Workers[0].IsFull = false;
        _node.Time.Advance(WorkerPort.RetryInterval);

        Assert.Equal([typeof(OpenTransport), typeof(AddProducer), typeof(AddProducer)], _node.Workers[0].Log.Select(c => c.GetType()));
        Assert.Empty(ann.Sink.Media);
        Assert.Equal(3, await _node.MetricAsync("sfu_worker_commands_refused_total{outcome=\"delayed\"}"));
    }

    [Fact]
    public async Task Mailbox_FullBeyondPatience_RoomIsClosedAndEverybodyTold()
    {
        TestClient ann = await PublisherAsync("ann");
        _node.Workers[0].IsFull = true;
        TestClient bo = await PublisherAsync("bo");

        for (int i = 0; i < WorkerPort.Patience; i++) _node.Time.Advance(WorkerPort.RetryInterval);
        Assert.Empty(ann.Sink.Media);
        _node.Time.Advance(WorkerPort.RetryInterval);
        Assert.Equal(["failed"], ann.Sink.Media);
        Assert.Equal(["failed"], bo.Sink.Media);
        _node.Workers[0].IsFull = false;
        _node.Time.Advance(WorkerPort.RetryInterval);

        Assert.Single(_node.Workers[0].Log.OfType<CloseRoom>());
        Assert.Empty(_node.Workers[0].Transports);
        Assert.Equal(3, await _node.MetricAsync("sfu_worker_commands_refused_total{outcome=\"lost\"}"));
        ann.Reconnect();
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        await ann.OfferAsync();
        Assert.Single(Carrying().Producers);
    }

    [Fact]
    public async Task Mailbox_FullWhileTheHostStandsStill_KeepsTheRoom()
    {
        TestClient ann = await PublisherAsync("ann");
        _node.Workers[0].IsFull = true;
        TestClient bo = await PublisherAsync("bo");

        _node.Time.Advance(TimeSpan.FromSeconds(10));      // and one try at its end
        _node.Workers[0].IsFull = false;
        _node.Time.Advance(WorkerPort.RetryInterval);

        Assert.Empty(ann.Sink.Media);
        Assert.Empty(bo.Sink.Media);
        Assert.Equal(2, _node.Workers[0].Transports.Count);
    }

    [Fact]
    public async Task LayerChange_BecauseTheWorkerIsLate_SaysOverload()
    {
        (_, TestClient bo) = await PairAsync();
        AddConsumer video = Carrying().Consumers.Values.Single(c => c.Parameters.RtxSsrc is not null);

        _node.Report(new ConsumerLayerChanged(video.Consumer, null, 0, true, ConsumerLayerReason.Overload));

        Assert.Equal((true, "overload"), (Assert.Single(bo.Sink.Layers).Paused, bo.Sink.Layers[0].Reason));
    }

    [Fact]
    public async Task LayerChange_IsToldToTheViewerAndReplayed()
    {
        (TestClient ann, TestClient bo) = await PairAsync();
        AddConsumer video = Carrying().Consumers.Values.Single(c => c.Parameters.RtxSsrc is not null);

        _node.Report(new ConsumerLayerChanged(video.Consumer, "h", 1, false, ConsumerLayerReason.Bandwidth));
        _node.Report(new ConsumerLayerChanged(new ConsumerId(9999), "h", 1, false, ConsumerLayerReason.Bandwidth));
        bo.Session.Replay();

        (TrackId, string?, bool, string) expected = (ann.Sections["1"].Track!.Value, "h", false, "bandwidth");
        Assert.Equal([expected, expected], bo.Sink.Layers);
        Assert.Empty(ann.Sink.Layers);
    }

    [Fact]
    public async Task Speakers_AreNamedByTrackAndHiddenOnesLeftOut()
    {
        (TestClient ann, TestClient bo) = await PairAsync();
        TestClient spy = _node.Join("spy", rights: new ParticipantRights(true, true, true, false, Hidden: true, false, []));
        spy.Connection.Add("audio", SdpDirection.SendOnly);
        await spy.OfferAsync();
        ProducerId[] producers = [.. Carrying().Producers.Keys.OrderBy(p => p.Value)];

        _node.Report(new ActiveSpeakersChanged(
            RoomNumber(ann), producers[0], [new SpeakerLevel(producers[^1], -10), new SpeakerLevel(producers[0], -20), new SpeakerLevel(new ProducerId(9999), -30)]));

        (ParticipantId? dominant, IReadOnlyList<Speaker> speakers) = Assert.Single(bo.Sink.Speakers);
        Assert.Equal(ann.Id, dominant);
        Assert.Equal([new Speaker(ann.Id, ann.Published.First(), -20)], speakers);
    }

    [Fact]
    public async Task Summaries_EveryThirdTellsTheQualityOfAll()
    {
        (TestClient ann, TestClient bo) = await PairAsync();
        Connect(ann);
        Connect(bo);
        for (int second = 0; second < 3; second++)
        {
            Assert.Empty(bo.Sink.Qualities);
            _node.Report(new RoomSummary(RoomNumber(ann), [Second(ann, 0.01, 40), Second(bo, 0.03 * second, 40)]));
        }

        IReadOnlyList<ParticipantQuality> all = Assert.Single(bo.Sink.Qualities);
        Assert.Equal([(bo.Id, "good"), (ann.Id, "excellent")], all.Select(q => (q.Participant, q.Quality)));
        Assert.Equal(0.03, all.Single(q => q.Participant == bo.Id).LossDown, 6);

        Lose(ann, TransportCloseReason.Timeout);
        for (int second = 0; second < 3; second++) _node.Report(new RoomSummary(RoomNumber(bo), [Second(bo, 0, 400)]));
        Assert.Equal(
            [(bo.Id, "poor"), (ann.Id, "lost")],
            bo.Sink.Qualities[^1].Select(q => (q.Participant, q.Quality)));
    }

    [Fact]
    public async Task Sink_ThatCallsBackOrThrows_DoesNotStopTheOthers()
    {
        TestClient bo = _node.Join("bo");
        TestClient cy = _node.Join("cy");
        bo.Sink.Inside = () =>
        {
            bo.Session.Replay();
            throw new InvalidOperationException("the sink is broken");
        };

        await PublisherAsync("ann");
        _node.Gather();

        Assert.Single(bo.Sink.Negotiations);
        Assert.Single(cy.Sink.Negotiations);
    }

    [Fact]
    public async Task RestartIce_GivesNewCredentialsAndAllCandidates()
    {
        TestClient ann = await PublisherAsync("ann");
        string? before = ann.Answer!.MediaSections[0].IceUfrag;

        IceRestart? restart = ann.Session.RestartIce(new IceCredentials("newufrag", "newpasswordnewpasswordnew"));

        Assert.NotNull(restart);
        Assert.NotEqual(before, restart.Ice.Ufrag);
        Assert.Equal(Carrying().Candidates, restart.Candidates);
        Assert.Equal("newufrag", Assert.Single(Carrying().Log.OfType<RestartIce>()).Remote.Ufrag);
        Assert.Null(_node.Join("bo").Session.RestartIce(new IceCredentials("newufrag", "newpasswordnewpasswordnew")));
    }

    [Fact]
    public async Task Open_AgainForTheSameParticipant_EndsTheOlderSession()
    {
        TestClient ann = await PublisherAsync("ann");

        IMediaSession again = _node.Node.Open(FakeRoom.Key, _node.Room.Snapshot(), ann.Self, NodeFixture.Auto, new RecordingSink());

        Assert.Empty(Carrying().Transports);
        Assert.Equal("bad_state", (await ann.TryOfferAsync()).Error!.Code);
        var client = new TestClient(9, ann.Self, again, new RecordingSink());
        client.Connection.Add("audio", SdpDirection.SendOnly);
        await client.OfferAsync();
        Assert.Equal(2, _node.Room.Ended.Count(e => e.Reason == UnpublishReason.Replaced));
    }

    private static TransportSummary Second(TestClient client, double loss, int roundTripMs) => new(
        ((MediaSession)client.Session).Transport!.Id, TimeSpan.FromMilliseconds(roundTripMs), 0, loss, TimeSpan.Zero, 1, 1);

    private static RoomId RoomNumber(TestClient client) => ((MediaSession)client.Session).Transport!.Room;

    private FakeWorker Carrying() => _node.Workers[0];

    private void Connect(TestClient client)
    {
        SessionTransport transport = ((MediaSession)client.Session).Transport!;
        _node.Report(new TransportConnected(
            transport.Room, transport.Id, TransportProtocol.Udp, SrtpProfile.AeadAes128Gcm, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(30)));
    }

    private void Lose(TestClient client, TransportCloseReason reason)
    {
        SessionTransport transport = ((MediaSession)client.Session).Transport!;
        Carrying().Close(transport.Id);
        _node.Report(new TransportClosed(transport.Room, transport.Id, reason));
    }

    private async Task<(TestClient Publisher, TestClient Viewer)> PairAsync()
    {
        TestClient bo = _node.Join("bo");
        TestClient ann = await PublisherAsync("ann");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[0]);
        return (ann, bo);
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
