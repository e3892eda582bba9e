using Sfu.Media.Rtp;
using Sfu.Media.Sdp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>How long a participant waited for the first packet of each kind.</summary>
public sealed class FirstMediaTests
{
    private readonly NodeFixture _node = new();

    [Fact]
    public async Task FirstMedia_EachKind_IsToldOnceWithTheTimeSinceTheTrackWasThere()
    {
        await PublisherAsync("ann");
        TestClient bo = await ViewerAsync("bo");                // 0.05 s until it was asked to negotiate
        _node.Time.Advance(TimeSpan.FromSeconds(0.2));
        Begin(Sent(MediaKind.Audio)[0]);
        _node.Time.Advance(TimeSpan.FromSeconds(0.4));
        Begin(Sent(MediaKind.Video)[0]);
        Assert.Equal([(MediaKind.Audio, 0.25), (MediaKind.Video, 0.65)], bo.Sink.FirstMedia);

        Begin(Sent(MediaKind.Audio)[0], temporal: 1);
        await PublisherAsync("cy");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[^1]);
        foreach (ConsumerId consumer in _node.Worker.Consumers.Keys.ToArray()) Begin(consumer);
        Assert.Equal(2, bo.Sink.FirstMedia.Count);
    }

    [Fact]
    public async Task FirstMedia_NobodyPublishedAtTheJoin_CountsFromThePublication()
    {
        TestClient bo = _node.Join("bo");
        _node.Time.Advance(TimeSpan.FromMinutes(10));
        await PublisherAsync("ann");
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[^1]);
        Begin(Sent(MediaKind.Video)[0]);
        Assert.Equal([(MediaKind.Video, 0.05)], bo.Sink.FirstMedia);
    }

    [Fact]
    public async Task FirstMedia_SwitchedOnLater_CountsFromThen()
    {
        TestClient ann = await PublisherAsync("ann");
        TestClient bo = _node.Join("bo", NodeFixture.Manual);
        _node.Time.Advance(TimeSpan.FromMinutes(10));
        bo.Session.Subscribe([.. ann.Published], on: true);
        _node.Gather();
        await bo.FollowAsync(bo.Sink.Negotiations[^1]);
        Begin(Sent(MediaKind.Audio)[0]);
        Assert.Equal([(MediaKind.Audio, 0.05)], bo.Sink.FirstMedia);
    }

    [Theory]
    [InlineData(ConsumerLayerReason.Muted, false)]
    [InlineData(ConsumerLayerReason.Preference, false)]
    [InlineData(ConsumerLayerReason.Bandwidth, true)]           // this the viewer did wait for
    public async Task FirstMedia_TrackHeldBackAtFirst_CountsOnlyWhenTheLinkWasTheReason(ConsumerLayerReason reason, bool counts)
    {
        await PublisherAsync("ann");
        TestClient bo = await ViewerAsync("bo");
        ConsumerId audio = Sent(MediaKind.Audio)[0];
        _node.Report(new ConsumerLayerChanged(audio, null, 0, true, reason));
        Assert.Empty(bo.Sink.FirstMedia);
        _node.Time.Advance(TimeSpan.FromMinutes(5));
        Begin(audio);
        Assert.Equal(counts ? 1 : 0, bo.Sink.FirstMedia.Count);
        Begin(Sent(MediaKind.Video)[0]);
        Assert.Equal(MediaKind.Video, bo.Sink.FirstMedia[^1].Kind);
    }

    private void Begin(ConsumerId consumer, int temporal = 0) =>
        _node.Report(new ConsumerLayerChanged(consumer, null, temporal, false, ConsumerLayerReason.Preference));

    private ConsumerId[] Sent(MediaKind kind) =>
        [.. _node.Worker.Consumers.Where(sent => _node.Worker.Producers[sent.Value.Producer].Parameters.Kind == kind).Select(sent => sent.Key)];

    private async Task<TestClient> ViewerAsync(string identity)
    {
        TestClient client = _node.Join(identity);
        _node.Gather();
        await client.FollowAsync(client.Sink.Negotiations[^1]);
        return client;
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
