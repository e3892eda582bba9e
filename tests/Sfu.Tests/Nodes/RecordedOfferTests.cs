using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Tests.Nodes;

/// <summary>Offers of real clients (tests/Vectors/sdp), published and received against each other.</summary>
public sealed class RecordedOfferTests
{
    private static readonly Dictionary<string, TrackLabel> NoLabels = [];
    private readonly NodeFixture _node = new();

    [Theory]
    [InlineData("chromium", 1, "opus VP8")]
    [InlineData("chromium-simulcast", 3, "opus VP8")]
    [InlineData("firefox", 1, "opus VP8")]
    [InlineData("firefox-simulcast", 3, "opus VP8")]
    [InlineData("aiortc", 1, "opus VP8")]
    [InlineData("gstreamer", 1, "OPUS VP8")]
    [InlineData("wrtc", 1, "opus VP8")]
    public async Task Publish_RecordedOffer_MakesProducers(string client, int encodings, string codecs)
    {
        (MediaAnswer answer, Participant self) = await OfferAsync(client, NodeFixture.Manual);

        Verify(client, answer, self);
        Assert.Equal(codecs, string.Join(' ', _node.Room.Tracks.Select(t => t.Codec)));
        Assert.Equal(encodings > 1, _node.Room.Tracks.Last().Simulcast);
        ProducerParameters last = _node.Worker.Producers.Values.Last().Parameters;
        Assert.Equal(encodings, last.Encodings.Count);
        Assert.Equal(client != "gstreamer", last.Mid is not null);
    }

    [Theory]
    [InlineData("chromium", "chromium-recvonly", 2)]
    [InlineData("chromium", "firefox-recvonly-mdns", 2)]
    [InlineData("firefox", "chromium-recvonly", 2)]
    [InlineData("firefox", "firefox-recvonly-mdns", 2)]
    [InlineData("firefox-simulcast", "chromium-recvonly", 2)]
    [InlineData("chromium-simulcast", "firefox-recvonly-mdns", 2)]
    [InlineData("aiortc", "chromium-recvonly", 2)]
    [InlineData("gstreamer", "firefox-recvonly-mdns", 2)]
    [InlineData("wrtc", "chromium-recvonly", 2)]
    public async Task Receive_RecordedOffers_EveryTrackIsSent(string publisher, string viewer, int tracks)
    {
        await OfferAsync(publisher, NodeFixture.Manual);
        (MediaAnswer answer, Participant self) = await OfferAsync(viewer, NodeFixture.Auto);

        Verify(viewer, answer, self);
        Assert.Equal(tracks, answer.Sections.Count);
        Assert.All(answer.Sections.Values, section => Assert.Null(section.Refused));
        Assert.Equal(_node.Room.Tracks.Select(t => t.Id), _node.Room.Tracks.Select(t => t.Id).Intersect(answer.Sections.Values.Select(s => s.Track!.Value)));
        Assert.Equal(tracks, _node.Worker.Consumers.Count);
        Assert.All(_node.Worker.Consumers.Values, consumer => Assert.Equal(_node.Room.Tracks.First().Participant.Value, consumer.Parameters.Cname));
    }

    private static void Verify(string client, MediaAnswer answer, Participant self)
    {
        Assert.True(answer.Error is null, $"{answer.Error}");
        AnswerCheck.Verify(AnswerCheck.Parse(Read(client)), AnswerCheck.Parse(answer.Sdp!), answer.Sections, self.Id, isPlayer: false);
    }

    private async Task<(MediaAnswer Answer, Participant Self)> OfferAsync(string client, MediaSessionMode mode)
    {
        Participant self = _node.Room.Join(client + mode.SubscribesAutomatically);
        IMediaSession session = _node.Node.Open(FakeRoom.Key, _node.Room.Snapshot(), self, mode, new RecordingSink());
        _node.Room.Follow(session);
        return (await session.OfferAsync(Read(client), NoLabels), self);
    }

    private static string Read(string client)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "tests", "Vectors", "sdp", $"offer-{client}.sdp");
            if (File.Exists(path)) return File.ReadAllText(path);
        }

        throw new FileNotFoundException($"tests/Vectors/sdp/offer-{client}.sdp is not above the test assembly.");
    }
}
