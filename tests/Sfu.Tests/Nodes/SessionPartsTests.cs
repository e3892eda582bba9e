using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

public sealed class SessionPartsTests
{
    [Fact]
    public void SinkQueue_SlowSink_LeavesReplaceableNewsOutAndReportsTheRest()
    {
        int full = 0;
        var sink = new RecordingSink();
        var queue = new SinkQueue(sink, _ => { }, () => full++);
        for (int i = 0; i < SinkQueue.ReplaceableCapacity + 10; i++) queue.Add(s => s.OnSpeakers(null, []), isReplaceable: true);
        for (int i = 0; i < SinkQueue.Capacity; i++) queue.Add(s => s.OnMediaConnected());

        queue.Drain();

        Assert.Equal(SinkQueue.ReplaceableCapacity, sink.Speakers.Count);
        Assert.Equal(SinkQueue.Capacity - SinkQueue.ReplaceableCapacity, sink.Media.Count);
        Assert.Equal(SinkQueue.ReplaceableCapacity, full);
    }

    [Fact]
    public void SinkQueue_Closed_DeliversNothingMore()
    {
        var sink = new RecordingSink();
        var queue = new SinkQueue(sink, _ => { }, () => { });
        queue.Add(s => s.OnMediaConnected());
        queue.Close();
        queue.Add(s => s.OnMediaConnected());
        queue.Drain();

        Assert.Empty(sink.Media);
    }

    /// <summary>A client that follows every request gets a section for each track in the end, and never more than the tracks that ever waited at once.</summary>
    [Fact]
    public void NegotiationNeed_ClientThatFollows_GetsExactlyTheSectionsItNeeds() =>
        Gen.Int[0, 3].Array[1, 40].Sample(steps =>
        {
            var need = new NegotiationNeed();
            int tracks = 0, sections = 0, carried = 0, underway = 0, most = 0;
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0:
                        tracks++;
                        break;
                    case 1 when tracks > 0:
                        tracks--;
                        carried = Math.Min(carried, tracks);
                        break;
                    case 2:
                        if (need.Ask([tracks - carried, 0], [sections - carried, 0], needsOffer: false) is { } ask) underway += ask.Audio;
                        break;
                    default:
                        Offer();
                        break;
                }

                most = Math.Max(most, tracks);
            }

            for (int round = 0; round < 3; round++)
            {
                if (need.Ask([tracks - carried, 0], [sections - carried, 0], needsOffer: false) is { } ask) underway += ask.Audio;
                Offer();
            }

            Assert.Equal(tracks, carried);
            Assert.True(sections <= most, $"{sections} sections for {most} tracks");

            void Offer()
            {
                need.OnAnswered([underway, 0]);
                sections += underway;
                underway = 0;
                carried = Math.Min(tracks, sections);
            }
        });

    [Fact]
    public void SubscriptionList_BeyondTheLimit_TheOldestWaitingTakesAFreePlace()
    {
        var list = new SubscriptionList(isAutomatic: true, TimeProvider.System);
        for (int i = 0; i < SubscriptionList.Limit + 2; i++) list.Add(NewTrack(i));
        Assert.Equal(SubscriptionList.Limit, list.All.Count(s => s.IsActive));

        list.Remove(NewTrack(5).Id);
        Assert.True(list.Find(NewTrack(SubscriptionList.Limit).Id)!.IsActive);
        Assert.False(list.Find(NewTrack(SubscriptionList.Limit + 1).Id)!.IsActive);

        list.Switch(list.Find(NewTrack(6).Id)!, on: false);
        Assert.True(list.Find(NewTrack(SubscriptionList.Limit + 1).Id)!.IsActive);
        Assert.False(list.HasRoomFor([list.Find(NewTrack(6).Id)!]));
        list.Switch(list.Find(NewTrack(6).Id)!, on: true);
        Assert.False(list.Find(NewTrack(6).Id)!.IsActive);
        list.Remove(NewTrack(7).Id);
        Assert.True(list.Find(NewTrack(6).Id)!.IsActive);
    }

    [Theory]
    [InlineData(TrackSource.Microphone, "PA_1")]
    [InlineData(TrackSource.Camera, "PA_1")]
    [InlineData(TrackSource.ScreenShare, "PA_1.screen")]
    [InlineData(TrackSource.ScreenShareAudio, "PA_1.screen")]
    [InlineData(TrackSource.Other, "PA_1.TR_1")]
    public void StreamOf_Source_GroupsWhatIsPlayedInSync(TrackSource source, string expected) =>
        Assert.Equal(expected, MsidNames.StreamOf(NewTrack(1) with { Source = source }));

    private static Track NewTrack(int number) => new()
    {
        Id = new TrackId($"TR_{number}"),
        Participant = new ParticipantId("PA_1"),
        Kind = MediaKind.Audio,
        Source = TrackSource.Microphone,
    };
}
