using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>When a room asks to be woken, should nobody call: <see cref="RoomModelTests"/> has that nothing is due before.</summary>
public sealed class RoomClockTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1), OneMinute = TimeSpan.FromMinutes(1);
    private readonly KeeperRig _rig = new();

    [Fact]
    public async Task UntilTick_CallInPeace_IsLeftAloneForAMinute()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        Assert.Equal(OneMinute, room.UntilTick());
        _rig.Time.Advance(TimeSpan.FromHours(3));
        await room.TickAsync();
        Assert.Equal(OneMinute, room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_GrantsThatEnd_TheFirstOfThemAndNeverBelowASecond()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await room.JoinAsync(TestData.Join("ann") with { ExpiresAt = TestData.Start.AddSeconds(50) });
        await room.JoinAsync(TestData.Join("bob") with { ExpiresAt = TestData.Start.AddSeconds(30) });
        await room.JoinAsync(TestData.Join("eve") with { ExpiresAt = TestData.Start.AddHours(3) });
        Assert.Equal(TimeSpan.FromSeconds(30), room.UntilTick());
        _rig.Time.Advance(TimeSpan.FromSeconds(29.5));
        Assert.Equal(OneSecond, room.UntilTick());
        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        await room.TickAsync();
        Assert.Equal(["ann", "eve"], room.Journal.State.Joined.Select(p => p.Identity));
        Assert.Equal(TimeSpan.FromSeconds(20), room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_EmptyRoom_WhenItCloses()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await room.CreateAsync(new RoomDraft { EmptyTimeout = TimeSpan.FromSeconds(45), DepartureTimeout = TimeSpan.FromSeconds(7) }, RoomActor.Server);
        Assert.Equal(TimeSpan.FromSeconds(45), room.UntilTick());
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        Assert.Equal(OneMinute, room.UntilTick());
        await room.LeaveAsync(ann.Id, LeaveReason.ClientLeft, "");
        Assert.Equal(TimeSpan.FromSeconds(7), room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_SomebodyInTheLobby_WhenTheyHaveWaitedLongEnough()
    {
        _rig.Options.LobbyTimeout = TimeSpan.FromSeconds(40);
        RoomKeeper room = await _rig.ActivateAsync();
        await room.CreateAsync(new RoomDraft { Lobby = true }, RoomActor.Server);
        await KeeperRig.JoinAsync(room, "host", TestData.Host);
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType<JoinWaiting>(await room.JoinAsync(TestData.Join("ann")));
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(39), room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_SomebodyOfAnotherProcess_LooksEachSecond()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        await room.JoinAsync(TestData.Join("bob", node: "N_other"));
        Assert.Equal(OneSecond, room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_NodeThatWasGone_LooksEachSecondUntilItIsForgotten()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        _rig.Nodes.Dead.Add(TestData.Node);
        await room.TickAsync();
        _rig.Nodes.Dead.Clear();
        Assert.Equal(OneSecond, room.UntilTick());
        await room.TickAsync();
        Assert.Equal(OneMinute, room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_StoreAway_LooksEachSecondUntilItIsMadeGood()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        await KeeperRig.JoinAsync(room, "bob");
        _rig.Store.FailsBefore = true;
        await Assert.ThrowsAsync<RoomStoreException>(() => room.LeaveAsync(ann.Id, LeaveReason.Timeout, "gone"));
        Assert.Equal(OneSecond, room.UntilTick());
        await room.TickAsync();
        Assert.Equal(OneSecond, room.UntilTick());
        _rig.Store.FailsBefore = false;
        await room.TickAsync();
        Assert.Equal(OneMinute, room.UntilTick());
    }

    [Fact]
    public async Task UntilTick_WriteOfUnknownOutcome_LooksEachSecondUntilTheLogWasRead()
    {
        RoomKeeper room = await _rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        _rig.Store.FailsBefore = true;
        Assert.NotNull((await room.LockAsync(RoomActor.Server, true)).Error);
        Assert.Equal(OneSecond, room.UntilTick());
        _rig.Store.FailsBefore = false;
        await room.TickAsync();
        Assert.Equal(OneMinute, room.UntilTick());
    }

    [Fact]
    public async Task Expires_InARealSilo_LeavesWithoutBeingAskedFor()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        IRoomGrain room = host.Room(TestData.Key);
        await room.JoinAsync(host.Join("ann"));            // in peace: the clock is a minute ahead
        var gone = new CollectingSink();
        using IDisposable subscription = await host.Get<IRoomEventHub>().SubscribeAsync(TestData.Key, 0, gone);

        await room.JoinAsync(host.Join("bob") with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(2) });

        await gone.UntilAsync(4);                          // created, joined, joined, left
        LoggedEvent left = (await room.EventsAsync(3, 10)).Events[0];
        Assert.Equal(LeaveReason.TokenExpired, Assert.IsType<ParticipantLeft>(left.Event).Reason);
        var bob = (ParticipantJoined)(await room.EventsAsync(2, 1)).Events[0].Event;
        Assert.InRange(left.At - bob.Participant.ExpiresAt!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // not the minute
    }
}
