using Sfu.Media.Codecs;
using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Tests.Nodes;

/// <summary>A WHEP player offers once: what its participant publishes later is sent on the sections that were answered for it.</summary>
public sealed class PlayerTests
{
    private const string Unplayable = "sfu_player_tracks_refused_total{reason=\"no_common_codec\"}";

    private readonly NodeFixture _node = new();

    [Fact]
    public async Task Answer_NoCamera_ReservesThePictureWithAllCodecs()
    {
        await PublishAsync("ann", "audio");

        TestClient player = await PlayAsync("ann", "audio", "video");

        MediaSection video = player.Answer!.MediaSections[1];
        Assert.Equal(SdpDirection.SendOnly, video.Direction);
        Assert.Equal([96, 97, 103, 104], video.PayloadTypes);
        Assert.Equal(2, video.Ssrcs.Count);
        Assert.Single(video.SsrcGroups);
        Assert.Equal(player.Answer.MediaSections[0].Msids[0].StreamId, video.Msids[0].StreamId);
        Assert.Single(ConsumersOf(player));
    }

    [Fact]
    public async Task Publish_CameraAfterTheAnswer_IsSentOnItsSectionWithoutAnOffer()
    {
        TestClient ann = await PublishAsync("ann", "audio");
        TestClient player = await PlayAsync("ann", "audio", "video");

        await AddAsync(ann, "video");
        _node.Gather();

        AddConsumer video = Assert.Single(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");
        Assert.Equal(SsrcsOf(player, 1), new[] { video.Parameters.Ssrc.Value, video.Parameters.RtxSsrc!.Value.Value });
        Assert.True(video.Parameters.IsReserved);
        Assert.Equal(player.Answer!.MediaSections[1].Ssrcs[0].Value, video.Parameters.Cname);
        Assert.Empty(player.Sink.Negotiations);
    }

    [Fact]
    public async Task Publish_CameraAgain_GoesOnWithTheSsrcsAfterTheFormerEnded()
    {
        TestClient ann = await PublishAsync("ann", "audio", "video");
        TestClient player = await PlayAsync("ann", "audio", "video");
        AddConsumer before = Assert.Single(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");

        await SwitchAsync(ann, 1, SdpDirection.Inactive);
        Assert.DoesNotContain(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");
        await SwitchAsync(ann, 1, SdpDirection.SendOnly);

        AddConsumer after = Assert.Single(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");
        Assert.NotEqual(before.Producer, after.Producer);
        Assert.Equal(before.Parameters.Ssrc, after.Parameters.Ssrc);
        Assert.Equal(before.Parameters.RtxSsrc, after.Parameters.RtxSsrc);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Publish_AnotherCodecThanBefore_IsSentWithThePayloadTypeOfTheAnswer()
    {
        TestClient ann = await PublishAsync("ann", "audio", "video");
        TestClient player = await PlayAsync("ann", "audio", "video");

        await SwitchAsync(ann, 1, SdpDirection.Inactive);
        await SwitchAsync(ann, 1, SdpDirection.SendOnly, "H264");

        AddConsumer video = Assert.Single(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");
        ConsumerCodec codec = Assert.Single(video.Parameters.Codecs);
        Assert.Equal((MediaCodec.H264, 103), (codec.Viewer.Codec, codec.Viewer.PayloadType));
        Assert.Contains((byte)103, player.Answer!.MediaSections[1].PayloadTypes);
    }

    [Fact]
    public async Task Publish_FormatsChanged_GoOnWithTheSsrc()
    {
        TestClient ann = await PublishAsync("ann", "audio", "video");
        TestClient player = await PlayAsync("ann", "audio", "video");

        ann.Connection.Transceivers[1].Codec = "H264";
        await ann.OfferAsync();

        AddConsumer video = Assert.Single(ConsumersOf(player), consumer => consumer.Parameters.Mid == "1");
        Assert.Equal(MediaCodec.H264, Assert.Single(video.Parameters.Codecs).Viewer.Codec);
        Assert.Equal(SsrcsOf(player, 1)[0], video.Parameters.Ssrc.Value);
        Assert.Empty(player.Sink.Negotiations);
    }

    [Fact]
    public async Task Publish_CodecThePlayerDoesNotHave_IsCountedOnceAndTheNextOneIsSent()
    {
        TestClient ann = await PublishAsync("ann", "audio");
        TestClient player = await PlayAsync("ann", [("audio", "VP8"), ("video", "H264")]);

        await AddAsync(ann, "video");
        await AddAsync(ann, "audio");                      // looks for places again

        Assert.Equal(1, await _node.MetricAsync(Unplayable));
        Assert.Single(ConsumersOf(player));
        await SwitchAsync(ann, 1, SdpDirection.Inactive);
        await SwitchAsync(ann, 1, SdpDirection.SendOnly, "H264");
        Assert.Equal(2, ConsumersOf(player).Count());
        Assert.Equal(1, await _node.MetricAsync(Unplayable));
    }

    [Fact]
    public async Task Unpublish_CameraWhileTheScreenWaits_ShowsTheScreen()
    {
        TestClient ann = await PublishAsync("ann", "video", "video");
        TestClient player = await PlayAsync("ann", "video");
        AddConsumer camera = Assert.Single(ConsumersOf(player));

        await SwitchAsync(ann, 0, SdpDirection.Inactive);

        AddConsumer screen = Assert.Single(ConsumersOf(player));
        Assert.NotEqual(camera.Producer, screen.Producer);
        Assert.Equal(camera.Parameters.Ssrc, screen.Parameters.Ssrc);
    }

    [Fact]
    public async Task Leave_ParticipantComesBack_IsPlayedAgain()
    {
        TestClient ann = await PublishAsync("ann", "audio", "video");
        TestClient player = await PlayAsync("ann", "audio", "video");

        _node.Room.Leave(ann.Id);
        ann.Session.Dispose();
        Assert.Empty(ConsumersOf(player));
        await PublishAsync("ann", "audio", "video");

        Assert.Equal([SsrcsOf(player, 0)[0], SsrcsOf(player, 1)[0]], ConsumersOf(player).Select(c => c.Parameters.Ssrc.Value).Order(BySection(player)));
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Reconnect_PublisherWithTwoPictures_NeverSendsTwoOnOneSsrc()
    {
        TestClient ann = await PublishAsync("ann", "video", "video");
        TestClient player = await PlayAsync("ann", "video");
        SessionTransport transport = ((MediaSession)ann.Session).Transport!;

        // Its tracks end one by one while the transport still lives on the worker.
        ((MediaSession)ann.Session).Dispose();

        Assert.Empty(ConsumersOf(player));
        Assert.DoesNotContain(transport.Id, _node.Worker.Transports.Keys);
        Assert.Single(_node.Worker.Log.OfType<AddConsumer>());
    }

    [Fact]
    public async Task Answer_OnlySoundPublishedAndOnlyAPictureWanted_IsKeptForIt()
    {
        TestClient ann = await PublishAsync("ann", "audio");

        TestClient player = await PlayAsync("ann", "video");
        Assert.Empty(ConsumersOf(player));
        await AddAsync(ann, "video");

        Assert.Single(ConsumersOf(player));
    }

    [Fact]
    public async Task Offer_Again_KeepsTheSsrcsWhileTheFormatsStay()
    {
        await PublishAsync("ann", "audio", "video");
        TestClient player = await PlayAsync("ann", "audio", "video");
        uint[] before = [.. SsrcsOf(player, 0), .. SsrcsOf(player, 1)];
        AddConsumer[] consumers = [.. ConsumersOf(player)];

        await player.OfferAsync();
        Assert.Equal(before, SsrcsOf(player, 0).Concat(SsrcsOf(player, 1)));
        Assert.Equal(consumers, ConsumersOf(player));

        player.Connection.Transceivers[1].Codec = "H264";
        Assert.Equal("no_common_codec", (await player.TryOfferAsync()).Error!.Code);
        Assert.Equal(consumers, ConsumersOf(player));
    }

    private async Task<TestClient> PublishAsync(string identity, params string[] kinds)
    {
        TestClient client = _node.Join(identity, NodeFixture.Manual);
        foreach (string kind in kinds) client.Connection.Add(kind, SdpDirection.SendOnly);
        await client.OfferAsync();
        return client;
    }

    private static Task<MediaAnswer> AddAsync(TestClient client, string kind)
    {
        client.Connection.Add(kind, SdpDirection.SendOnly);
        return client.OfferAsync();
    }

    private static Task<MediaAnswer> SwitchAsync(TestClient client, int section, SdpDirection direction, string codec = "VP8")
    {
        client.Connection.Transceivers[section].Direction = direction;
        client.Connection.Transceivers[section].Codec = codec;
        return client.OfferAsync();
    }

    private Task<TestClient> PlayAsync(string identity, params string[] kinds) => PlayAsync(identity, [.. kinds.Select(kind => (kind, "VP8"))]);

    private async Task<TestClient> PlayAsync(string identity, (string Kind, string Codec)[] sections)
    {
        TestClient player = _node.Join("player", new MediaSessionMode(SubscribesAutomatically: true, Only: identity, IsAllOrNothing: true));
        foreach ((string kind, string codec) in sections) player.Connection.Add(kind, SdpDirection.RecvOnly, codec);
        await player.OfferAsync();
        return player;
    }

    private IEnumerable<AddConsumer> ConsumersOf(TestClient client)
    {
        TransportId transport = ((MediaSession)client.Session).Transport!.Id;
        return _node.Worker.Consumers.Values.Where(consumer => consumer.Transport == transport);
    }

    private static uint[] SsrcsOf(TestClient player, int section) => [.. player.Answer!.MediaSections[section].Ssrcs.Select(line => line.Ssrc)];

    private static Comparer<uint> BySection(TestClient player)
    {
        List<uint> order = [.. player.Answer!.MediaSections.Select(section => section.Ssrcs[0].Ssrc)];
        return Comparer<uint>.Create((one, other) => order.IndexOf(one) - order.IndexOf(other));
    }
}
