using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Nodes;

/// <summary>When a room goes on several workers, what its workers are told then, and that all it does by one worker it does by several.</summary>
public sealed class SpanningTests
{
    private const double Limit = 0.5;

    private NodeFixture _node = new(workers: 2, spanLoad: Limit);
    private int _rooms;

    [Fact]
    public async Task Choose_WorkerBelowTheLimit_KeepsTheRoomTogether()
    {
        await PublisherAsync("ann");
        Busy(0.45, 0);
        for (int i = 1; i < 20; i++) await PublisherAsync($"user{i}");
        Assert.Equal((20, 0), Transports);
        Assert.Equal(0, await _node.MetricAsync("sfu_rooms_spanning"));
    }

    [Fact]
    public async Task Choose_WorkerAboveTheLimitAndAnotherClearlyLess_GoesThere()
    {
        await PublisherAsync("ann");
        Busy(0.55, 0.1);
        TestClient bo = await ViewerAsync("bo");

        Assert.Equal((1, 1), Transports);
        Assert.Equal(1, await _node.MetricAsync("sfu_rooms_spanning"));
        Assert.Equal(2, Room(bo).WorkerCount);
        Assert.Contains("7883", Assert.Single(bo.Answer!.MediaSections[0].Candidates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Choose_AllAboveTheLimitAndNoneClearlyLess_StaysTogether()
    {
        await PublisherAsync("ann");
        Busy(0.8, 0.65);
        await ViewerAsync("bo");
        Assert.Equal((2, 0), Transports);
    }

    [Fact]
    public async Task Choose_RoomOnTwoBusyWorkers_FillsTheLessLoaded()
    {
        await PublisherAsync("ann");
        Busy(0.8, 0.1);
        await ViewerAsync("bo");
        Busy(0.8, 0.7);
        await ViewerAsync("cy");
        Assert.Equal((1, 2), Transports);
        Busy(0.6, 0.7);
        await ViewerAsync("di");
        Assert.Equal((2, 2), Transports);
    }

    [Fact]
    public async Task Choose_NeverToSpan_StaysOnOneWhateverItsLoad()
    {
        _node = new NodeFixture(workers: 2, spanLoad: 1);
        await PublisherAsync("ann");
        Busy(1, 0);
        for (int i = 0; i < 5; i++) await ViewerAsync($"user{i}");
        Assert.Equal((6, 0), Transports);
    }

    /// <summary>One to many on two workers: joins faster than any report, then reports that follow what was placed.</summary>
    [Fact]
    public async Task Choose_ManyViewersThatFillAWorker_UsesBoth()
    {
        await PublisherAsync("ann");
        for (int i = 0; i < 200; i++)
        {
            if (i % 10 == 0)
            {
                _node.Time.Advance(TimeSpan.FromSeconds(1));
                Busy(0.008 * Transports.Item1, 0.008 * Transports.Item2);    // a viewer costs 0.8 % of a core
            }

            await ViewerAsync($"user{i}");
        }

        Assert.InRange(Transports.Item2, 60, 140);
        // The publisher's two tracks cross once each, however many viewers are there.
        Assert.Equal(2, _node.Workers[1].Piped.Count);
        Assert.Equal(2, _node.Workers[1].Log.OfType<AddPipedProducer>().Count());
    }

    [Fact]
    public async Task Choose_FiftyRoomsWithinOneReport_GoToBothWorkers()
    {
        Busy(0.10, 0.12);
        for (int i = 0; i < 50; i++) await RoomAsync();
        Assert.InRange(Transports.Item1, 20, 45);
        Assert.InRange(Transports.Item2, 5, 30);
    }

    [Fact]
    public async Task Send_ToAnotherWorker_PipesOnDemandAndEndsWithTheLastConsumer()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann");      // worker 0
        FakeWorker edge = _node.Workers[1];
        Assert.Empty(edge.Piped);                          // nobody there
        TestClient bo = await ViewerAsync("bo");           // worker 1
        await ViewerAsync("cy");                           // worker 0
        TestClient di = await ViewerAsync("di");           // worker 1
        Assert.Equal((2, 2), Transports);
        Assert.Equal(2, edge.Piped.Count);
        Assert.Equal(_node.Workers[0].Producers.Keys.Order(Producers), edge.Piped.Values.Select(add => add.Channel.Origin).Order(Producers));
        Assert.Equal(4, edge.Consumers.Count);
        Assert.All(edge.Consumers.Values, add => Assert.Contains(add.Producer, edge.Piped.Keys));
        Assert.Equal(1, _node.Services.Pipes.Count);

        bo.Session.Dispose();
        Assert.Equal(2, edge.Piped.Count);
        di.Session.Dispose();
        Assert.Empty(edge.Piped);
        Assert.Equal(0, _node.Services.Pipes.Count);
        Assert.Single(edge.Released);
        Assert.Single(_node.Workers[0].Released);
        Assert.Equal(0, _node.Ports[1].Streams);
        Assert.Equal(0, await _node.MetricAsync("sfu_rooms_spanning"));
        ann.Session.Dispose();
    }

    [Fact]
    public async Task Commands_OfARoomOnTwoWorkers_GoWhereTheirSubjectIs()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann"), bo = await PublisherAsync("bo");
        TestClient cy = await ViewerAsync("cy");           // beside ann
        TestClient di = await ViewerAsync("di");           // beside bo
        TrackId annVideo = ann.Published.Last();
        _node.Room.Mute(annVideo, true);
        Assert.Single(_node.Workers[0].Muted);             // at the origin only: the pipe tells the edge
        Assert.Empty(_node.Workers[1].Muted);

        Assert.Null(di.Session.SetLayers(annVideo, new LayerWish(320, 180)));
        Assert.Single(_node.Workers[1].Preferences);
        Assert.Null(cy.Session.SetLayers(annVideo, new LayerWish(640, 360)));
        Assert.Single(_node.Workers[0].Preferences);

        bo.Connection.RestartIce();
        await bo.OfferAsync();
        Assert.Single(_node.Workers[1].Log.OfType<RestartIce>());
        Assert.Empty(_node.Workers[0].Log.OfType<RestartIce>());

        _node.Room.Unpublish(annVideo);
        Assert.Single(_node.Workers[0].Producers);
        Assert.Single(_node.Workers[1].Piped);             // ann's sound
        Assert.All(_node.Workers, worker => Assert.Empty(worker.Stale));
        _node.Node.CloseRoom(_node.Room.Fence, RoomCloseReason.Deleted);
        Assert.Equal((0, 0), Transports);
        Assert.Equal(0, _node.Services.Pipes.Count);
    }

    [Fact]
    public async Task WorkerEnds_OfSeveral_OnlyItsOwnTransportsFail()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann");
        TestClient bo = await ViewerAsync("bo"), cy = await ViewerAsync("cy");
        _node.Workers[1].Dispose();
        _node.Node.OnWorkerEnded(_node.Ports[1]);

        Assert.Equal(["failed"], bo.Sink.Media);
        Assert.Empty(ann.Sink.Media.Concat(cy.Sink.Media));
        Assert.Equal(2, _node.Workers[0].Consumers.Count);
        Assert.Equal(0, _node.Services.Pipes.Count);
        Assert.Single(_node.Workers[0].Released);
        bo.Reconnect();
        bo.Connection.Add("audio", SdpDirection.RecvOnly);
        bo.Connection.Add("video", SdpDirection.RecvOnly);
        await bo.OfferAsync();
        Assert.Equal((3, 4), (_node.Workers[0].Transports.Count, _node.Workers[0].Consumers.Count));
    }

    [Fact]
    public async Task WorkerEnds_WhereTheMediaComesIn_ViewersElsewhereKeepTheirTransports()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann");
        TestClient bo = await ViewerAsync("bo");
        _node.Workers[0].Dispose();
        _node.Node.OnWorkerEnded(_node.Ports[0]);

        Assert.Equal(["failed"], ann.Sink.Media);
        Assert.Empty(bo.Sink.Media);
        Assert.Single(_node.Workers[1].Transports);
        Assert.Empty(_node.Workers[1].Piped);
        Assert.Empty(_node.Workers[1].Consumers);
        Assert.Single(_node.Workers[1].Released);
        ann.Reconnect();
        ann.Connection.Add("video", SdpDirection.SendOnly);
        await ann.OfferAsync();                            // beside bo now
        Assert.Equal(2, _node.Workers[1].Transports.Count);
        Assert.Empty(_node.Workers[1].Piped);
    }

    [Fact]
    public async Task OnSpeakers_OfTwoWorkers_ArePutTogether()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann"), bo = await PublisherAsync("bo");
        ProducerId annAudio = ProducerOf(ann), boAudio = ProducerOf(bo);
        Say(ann, 0, annAudio, (annAudio, -30));
        Say(bo, 1, boAudio, (boAudio, -20));

        (ParticipantId? dominant, IReadOnlyList<Speaker> speakers) = ann.Sink.Speakers[^1];
        Assert.Equal(ann.Id, dominant);                    // it spoke first and still speaks
        Assert.Equal([bo.Id, ann.Id], speakers.Select(one => one.Participant));
        Say(ann, 0, annAudio);                             // silent
        (dominant, speakers) = bo.Sink.Speakers[^1];
        Assert.Equal(bo.Id, dominant);
        Assert.Equal([bo.Id], speakers.Select(one => one.Participant));
    }

    [Fact]
    public async Task OnSummary_OfTwoWorkers_JudgesAllEveryThreeSeconds()
    {
        Spread();
        TestClient ann = await PublisherAsync("ann"), bo = await PublisherAsync("bo");
        foreach (TestClient client in (TestClient[])[ann, bo]) Connect(client);
        for (int second = 0; second < 3; second++)
        {
            Summary(bo, 1, loss: 0.5);
            Summary(ann, 0, loss: 0);
        }

        IReadOnlyList<ParticipantQuality> all = Assert.Single(ann.Sink.Qualities);
        Assert.Equal([(ann.Id, "excellent"), (bo.Id, "poor")], all.Select(one => (one.Participant, one.Quality)));
    }

    private static Comparer<ProducerId> Producers { get; } = Comparer<ProducerId>.Create((a, b) => a.Value.CompareTo(b.Value));

    private (int, int) Transports => (_node.Workers[0].Transports.Count, _node.Workers[1].Transports.Count);

    private static MediaRoom Room(TestClient client) => ((MediaSession)client.Session).Room;

    private static SessionTransport TransportOf(TestClient client) => ((MediaSession)client.Session).Transport!;

    private static ProducerId ProducerOf(TestClient client) =>
        TransportOf(client).Sections.Select(section => section.Published).First(track => track?.Info.Kind == Media.Rtp.MediaKind.Audio)!.Producer;

    private void Spread()
    {
        _node = new NodeFixture(workers: 2, spanLoad: 0);
    }

    private void Busy(double first, double second)
    {
        _node.Time.Advance(TimeSpan.FromSeconds(3.5));     // what was placed before is in the report
        (_node.Workers[0].Latest, _node.Workers[1].Latest) = (FakeSnapshots.Make(busy: first), FakeSnapshots.Make(1, busy: second));
        foreach (var port in _node.Ports) _ = port.Load;
    }

    private void Connect(TestClient client)
    {
        SessionTransport transport = TransportOf(client);
        _node.Report(
            new TransportConnected(transport.Room, transport.Id, Media.Ice.TransportProtocol.Udp, Media.Srtp.SrtpProfile.AeadAes128Gcm, TimeSpan.Zero, TimeSpan.Zero),
            transport.Port.Index);
    }

    private void Say(TestClient of, int worker, ProducerId? dominant, params (ProducerId Producer, int Level)[] speakers) => _node.Report(
        new ActiveSpeakersChanged(TransportOf(of).Room, dominant, [.. speakers.Select(one => new SpeakerLevel(one.Producer, one.Level))]), worker);

    private void Summary(TestClient client, int worker, double loss) => _node.Report(
        new RoomSummary(TransportOf(client).Room, [new TransportSummary(TransportOf(client).Id, TimeSpan.FromMilliseconds(20), 0, loss, TimeSpan.Zero, 1, 1)]), worker);

    private async Task<TestClient> PublisherAsync(string identity)
    {
        TestClient client = _node.Join(identity, NodeFixture.Manual);
        client.Connection.Add("audio", SdpDirection.SendOnly);
        client.Connection.Add("video", SdpDirection.SendOnly);
        await client.OfferAsync();
        return client;
    }

    private async Task<TestClient> ViewerAsync(string identity)
    {
        TestClient client = _node.Join(identity, NodeFixture.Auto);
        client.Connection.Add("audio", SdpDirection.RecvOnly);
        client.Connection.Add("video", SdpDirection.RecvOnly);
        await client.OfferAsync();
        return client;
    }

    private async Task RoomAsync()
    {
        Participant self = _node.Room.Join($"other{++_rooms}");
        var sink = new RecordingSink();
        IMediaSession session = _node.Node.Open(new RoomKey("tenant", $"room{_rooms}"), _node.Room.Snapshot(), self, NodeFixture.Manual, sink);
        var client = new TestClient(1000 + _rooms, self, session, sink);
        client.Connection.Add("audio", SdpDirection.RecvOnly);
        await client.OfferAsync();
    }
}
