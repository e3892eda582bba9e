using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>The mode of WHIP and WHEP: one offer, served as a whole or not at all (RFC 9725 section 4.4).</summary>
public sealed class WhipWhepTests
{
    private static readonly MediaSessionMode Whip = new(SubscribesAutomatically: false, IsAllOrNothing: true);
    private readonly NodeFixture _node = new();

    [Theory]
    [InlineData(SdpDirection.SendOnly)]
    [InlineData(SdpDirection.SendRecv)]
    public async Task Whip_AudioAndVideo_AreTaken(SdpDirection direction)
    {
        TestClient encoder = _node.Join("encoder", Whip);
        encoder.Connection.Add("audio", direction);
        encoder.Connection.Add("video", direction);

        await encoder.OfferAsync();

        Assert.Equal(2, encoder.Published.Count());
        Assert.All(encoder.Answer!.MediaSections, section => Assert.Equal((SdpDirection.RecvOnly, true), (section.Direction, section.RtcpMuxOnly)));
    }

    [Theory]
    [InlineData("audio", "audio")]
    [InlineData("video", "video")]
    public async Task Whip_TwoOfAKind_AreRefused(string first, string second)
    {
        TestClient encoder = _node.Join("encoder", Whip);
        encoder.Connection.Add(first, SdpDirection.SendOnly);
        encoder.Connection.Add(second, SdpDirection.SendOnly);

        await RefusedAsync(encoder, "bad_sdp");
    }

    [Theory]
    [InlineData(SdpDirection.RecvOnly)]
    [InlineData(SdpDirection.Inactive)]
    public async Task Whip_SectionThatDoesNotSend_IsRefused(SdpDirection direction)
    {
        TestClient encoder = _node.Join("encoder", Whip);
        encoder.Connection.Add("audio", SdpDirection.SendOnly);
        encoder.Connection.Add("video", direction);

        await RefusedAsync(encoder, "bad_sdp");
    }

    [Fact]
    public async Task Whip_OneSourceForbidden_RefusesAllAndWithdrawsTheOther()
    {
        TestClient encoder = _node.Join("encoder", Whip, new ParticipantRights(true, true, true, false, false, false, [TrackSource.Camera]));
        encoder.Connection.Add("audio", SdpDirection.SendOnly);
        encoder.Connection.Add("video", SdpDirection.SendOnly);

        await RefusedAsync(encoder, "forbidden");

        Assert.Single(_node.Room.Withdrawn);
        Assert.Empty(_node.Room.Tracks);
    }

    [Theory]
    [InlineData(SdpDirection.RecvOnly)]
    [InlineData(SdpDirection.SendRecv)]
    public async Task Whep_OneParticipant_IsPlayedAndNobodyElse(SdpDirection direction)
    {
        TestClient ann = await PublisherAsync("ann");
        await PublisherAsync("bo");
        TestClient player = _node.Join("player", Whep("ann"));
        player.Connection.Add("audio", direction);
        player.Connection.Add("video", direction);

        await player.OfferAsync();

        Assert.Equal(ann.Published, player.Received);
        Assert.Empty(player.Published);
        Assert.All(player.Answer!.MediaSections, section => Assert.Equal(SdpDirection.SendOnly, section.Direction));
    }

    [Fact]
    public async Task Whep_ViewerWithoutTheCodec_IsRefused()
    {
        await PublisherAsync("ann");
        TestClient player = _node.Join("player", Whep("ann"));
        player.Connection.Add("audio", SdpDirection.RecvOnly);
        player.Connection.Add("video", SdpDirection.RecvOnly, "H264");

        await RefusedAsync(player, "no_common_codec");
    }

    [Fact]
    public async Task Whep_TrackAnnouncedButItsMediaNotThereYet_WaitsForIt()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.Gate = new TaskCompletionSource();
        Task<MediaAnswer> publishing = ann.OfferAsync();
        TestClient player = _node.Join("player", Whep("ann"));
        player.Connection.Add("audio", SdpDirection.RecvOnly);

        Task<MediaAnswer> playing = player.OfferAsync();
        Assert.False(playing.IsCompleted);
        _node.Room.Gate.SetResult();
        await publishing;
        await playing;

        Assert.Equal(ann.Published, player.Received);
    }

    [Fact]
    public async Task Whep_MediaNeverComes_IsRefusedAfterThePatience()
    {
        TestClient ann = _node.Join("ann");
        ann.Connection.Add("audio", SdpDirection.SendOnly);
        _node.Room.Gate = new TaskCompletionSource();
        _ = ann.OfferAsync();
        TestClient player = _node.Join("player", Whep("ann"));
        player.Connection.Add("audio", SdpDirection.RecvOnly);

        Task<MediaAnswer> playing = player.TryOfferAsync();
        _node.Time.Advance(MediaSession.ReadyPatience);

        Assert.Equal("bad_state", (await playing).Error!.Code);
    }

    private static MediaSessionMode Whep(string identity) => new(SubscribesAutomatically: true, Only: identity, IsAllOrNothing: true);

    private async Task RefusedAsync(TestClient client, string code)
    {
        int commands = _node.Worker.Log.Count;
        MediaAnswer answer = await client.TryOfferAsync();
        Assert.Equal(code, answer.Error?.Code);
        Assert.Equal(commands, _node.Worker.Log.Count);
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
