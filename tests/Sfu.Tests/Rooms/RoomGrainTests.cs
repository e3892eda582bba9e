using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>The room in a real silo, on a real store.</summary>
public sealed class RoomGrainTests
{
    [Fact]
    public async Task Join_TwoParticipants_SeeEachOtherAndTheLogInOrder()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        IRoomGrain room = host.Room(TestData.Key);

        var ann = Assert.IsType<JoinAccepted>(await room.JoinAsync(host.Join("ann")));
        var bob = Assert.IsType<JoinAccepted>(await room.JoinAsync(host.Join("bob")));
        PublishOutcome published = await room.PublishAsync(ann.Self.Id, [TestData.Microphone, TestData.Camera]);

        Assert.Equal(["ann", "bob"], bob.Room.Participants.Select(p => p.Identity));
        Assert.All(published.Tracks, result => Assert.NotNull(result.Track));
        EventPage page = await room.EventsAsync(0, 100);
        Assert.Equal(
            ["RoomCreated", "ParticipantJoined", "ParticipantJoined", "TrackPublished", "TrackPublished"],
            page.Events.Select(entry => entry.Event.GetType().Name));
        Assert.Equal([1, 2, 3, 4, 5], page.Events.Select(entry => entry.Seq));
        Assert.Equal(5, page.LastSeq);
    }

    [Fact]
    public async Task Start_AfterStop_KnowsTheRoomAndGoesOnWithTheLog()
    {
        string directory;
        ParticipantId ann;
        await using (RoomHost first = await RoomHost.StartAsync())
        {
            directory = first.Directory;
            ann = ((JoinAccepted)await first.Room(TestData.Key).JoinAsync(first.Join("ann"))).Self.Id;
        }

        await using RoomHost second = await RoomHost.StartAsync(directory);
        RoomSnapshot? snapshot = await second.Room(TestData.Key).GetAsync();
        Assert.Equal([ann], snapshot!.Participants.Select(p => p.Id));
        await second.Room(TestData.Key).JoinAsync(second.Join("bob"));
        EventPage page = await second.Room(TestData.Key).EventsAsync(0, 100);
        Assert.Equal([1, 2, 3], page.Events.Select(entry => entry.Seq));
    }
}
