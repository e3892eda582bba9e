using Sfu.Media.Ice;
using Sfu.Media.Sdp;
using Sfu.Media.Srtp;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>What a call in which nothing happens costs beside its packets: each second a worker says how its connections are.</summary>
public sealed class SteadyCallTests
{
    private const int Seconds = 30;
    private const int PerParticipant = 100;                // bytes a second; a list for each of fifty would be 400

    private static readonly ParticipantRights Hidden = new(Publish: false, Subscribe: true, Data: false, Admin: false, Hidden: true, Recorder: false, []);

    private readonly NodeFixture _node = new();

    [Theory]
    [InlineData(10)]
    [InlineData(50)]
    public async Task Second_NothingHappens_AllocatesLittleForEachParticipant(int participants)
    {
        RoomSummary summary = await CallAsync(participants, followsRoom: true);
        Measure(summary, Seconds);                         // lists have their size

        long bytes = Measure(summary, Seconds);

        Assert.InRange(bytes, 1, Seconds * participants * PerParticipant);
    }

    [Fact]
    public async Task Second_NobodyIsToldAnything_AllocatesNothing()
    {
        RoomSummary summary = await CallAsync(50, followsRoom: false);
        Measure(summary, Seconds);
        Assert.True(summary.IsReleased);                       // its room fills it again

        Assert.InRange(Measure(summary, Seconds), 0, Seconds * 40);      // each third second it is asked who follows, not each participant
    }

    [Fact]
    public async Task Quality_WhoFollowsTheRoom_IsToldAndTheOthersAreNot()
    {
        RoomSummary summary = await CallAsync(2, followsRoom: false);
        TestClient ghost = _node.Join("ghost", NodeFixture.Manual, Hidden);
        TestClient silent = _node.Join("silent", NodeFixture.Manual, followsRoom: false);
        TestClient ann = await ConnectAsync("ann", followsRoom: true);
        foreach (int _ in Enumerable.Range(0, 3)) _node.Report(summary);
        _node.Report(new ActiveSpeakersChanged(summary.Room, null, []));

        Assert.Equal(3, Assert.Single(ann.Sink.Qualities).Count);
        Assert.Same(ann.Sink.Qualities[0], Assert.Single(ghost.Sink.Qualities));  // not connected itself: what everybody is told
        Assert.Single(ann.Sink.Speakers);
        Assert.Empty(silent.Sink.Qualities);
        Assert.Empty(silent.Sink.Speakers);
    }

    private async Task<RoomSummary> CallAsync(int participants, bool followsRoom)
    {
        var sessions = new List<MediaSession>();
        for (int i = 0; i < participants; i++)
        {
            TestClient client = await ConnectAsync($"participant{i}", followsRoom);
            client.Sink.ForgetsQuality = true;
            sessions.Add((MediaSession)client.Session);
        }

        return new RoomSummary(sessions[0].Transport!.Room, [.. sessions.Select(session => new TransportSummary(
            session.Transport!.Id, TimeSpan.FromMilliseconds(20), 0, 0, TimeSpan.Zero, 1, 1))]);
    }

    private async Task<TestClient> ConnectAsync(string identity, bool followsRoom)
    {
        TestClient client = _node.Join(identity, NodeFixture.Manual, followsRoom: followsRoom);
        client.Connection.Add("audio", SdpDirection.SendOnly);
        await client.OfferAsync();
        SessionTransport transport = ((MediaSession)client.Session).Transport!;
        _node.Report(new TransportConnected(
            transport.Room, transport.Id, TransportProtocol.Udp, SrtpProfile.AeadAes128Gcm, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(30)));
        return client;
    }

    /// <returns>Bytes of garbage.</returns>
    private long Measure(RoomSummary summary, int seconds)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < seconds; i++) _node.Report(summary);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
