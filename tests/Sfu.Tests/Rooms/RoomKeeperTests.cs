using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>Durability, the fence and time, with a store and a clock that misbehave.</summary>
public sealed class RoomKeeperTests
{
    [Fact]
    public async Task Activate_OpenRoom_RaisesTheEpochBeforeAnything()
    {
        var rig = new KeeperRig();
        RoomKeeper first = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(first, "ann");
        Assert.Equal(1, first.Journal.Epoch);

        RoomKeeper second = await rig.ActivateAsync();
        Assert.Equal(2, second.Journal.Epoch);
        Assert.Equal("ann", Assert.Single(second.Journal.State.Joined).Identity);
    }

    [Fact]
    public async Task Activate_RoomThatIsNotOpen_WritesNothing()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        Assert.Null(await room.GetAsync());
        Assert.IsType<JoinRefused>(await room.JoinAsync(TestData.Join("ann", mayCreate: false)));
        Assert.Equal(0, rig.Store.Appends);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Activate_StoreAway_IsNoOwner(bool load)
    {
        var rig = new KeeperRig();
        await KeeperRig.JoinAsync(await rig.ActivateAsync(), "ann");
        rig.Store.FailsLoads = load;
        rig.Store.FailsBefore = !load;
        Assert.Equal(RoomErrorCode.TryAgain, (await rig.Make().OpenAsync())?.Code);
    }

    [Fact]
    public async Task Join_OfReplacedOwner_WritesNothingAndGivesUp()
    {
        var rig = new KeeperRig();
        RoomKeeper old = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(old, "ann");
        RoomKeeper owner = await rig.ActivateAsync();
        int appends = rig.Store.Appends, told = rig.Told.Count;

        var refused = Assert.IsType<JoinRefused>(await old.JoinAsync(TestData.Join("bob")));

        Assert.Equal(RoomErrorCode.TryAgain, refused.Error.Code);
        Assert.True(old.Journal.IsSuperseded);
        Assert.Equal((appends, told), (rig.Store.Appends, rig.Told.Count));
        Assert.Equal(["supersede 1"], rig.Media.Of(TestData.Key));
        Assert.Equal(RoomErrorCode.TryAgain, (await old.LockAsync(RoomActor.Server, true)).Error?.Code);
        await KeeperRig.JoinAsync(owner, "bob");
    }

    [Fact]
    public async Task Create_TwoOwnersOfARoomThatNeverWas_OnlyOneWins()
    {
        var rig = new KeeperRig();
        RoomKeeper a = await rig.ActivateAsync(), b = await rig.ActivateAsync();
        Assert.True((await a.CreateAsync(new RoomDraft(), RoomActor.Server)).Created);
        Assert.Equal(RoomErrorCode.TryAgain, (await b.CreateAsync(new RoomDraft(), RoomActor.Server)).Error?.Code);
        Assert.True(b.Journal.IsSuperseded);
        Assert.Single(rig.Store.Log(TestData.Key));
    }

    [Fact]
    public async Task Join_WriteFails_IsTryAgainAndNothingChanged()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        rig.Store.FailsBefore = true;
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<JoinRefused>(await room.JoinAsync(TestData.Join("bob"))).Error.Code);
        Assert.Single(room.Journal.State.Joined);

        rig.Store.FailsBefore = false;
        Assert.Equal(["ann", "bob"], Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join("bob"))).Room.Participants.Select(p => p.Identity));
        Assert.Equal([1, 2, 3], rig.Told.Select(entry => entry.Seq));
    }

    [Fact]
    public async Task Kick_WriteTookPlaceButFailed_IsFoundAndToldOnce()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        rig.Store.FailsAfter = true;
        Assert.Equal(RoomErrorCode.TryAgain, (await room.KickAsync(RoomActor.Server, ann.Id, "")).Error?.Code);
        Assert.Empty(rig.Media.Of(TestData.Key));

        rig.Store.FailsAfter = false;
        Assert.Equal(RoomErrorCode.NotFound, (await room.KickAsync(RoomActor.Server, ann.Id, "")).Error?.Code);
        Assert.Equal([$"remove {ann.Id} Kicked"], rig.Media.Of(TestData.Key));
        Assert.Equal([1, 2, 3], rig.Told.Select(entry => entry.Seq));
        Assert.Equal(1, room.Journal.Epoch);
    }

    [Fact]
    public async Task Join_StoreHangs_IsTryAgainAfterFourSeconds()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        var disk = new TaskCompletionSource();
        rig.Store.Hangs = disk.Task;
        Task<JoinOutcome> join = room.JoinAsync(TestData.Join("bob"));
        rig.Time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(join.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<JoinRefused>(await join).Error.Code);

        disk.SetResult();
        Assert.Equal(2, (await room.GetAsync())!.Participants.Count); // it had taken place: the owner knows before it decides anything else
        Assert.Equal([1, 2, 3], rig.Told.Select(entry => entry.Seq));
    }

    [Fact]
    public async Task Get_AfterAFailedWriteWhileStoreIsAway_Throws()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        rig.Store.FailsBefore = true;
        await room.JoinAsync(TestData.Join("ann"));
        rig.Store.FailsLoads = true;
        await Assert.ThrowsAsync<RoomStoreException>(room.GetAsync);
    }

    [Fact]
    public async Task Leave_StoreAway_ThrowsAndIsMadeGoodByTheClock()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        rig.Store.FailsBefore = true;
        await Assert.ThrowsAsync<RoomStoreException>(() => room.LeaveAsync(ann.Id, LeaveReason.Timeout, "gone"));
        await room.TickAsync();
        Assert.Single(room.Journal.State.Joined);

        rig.Store.FailsBefore = false;
        await room.TickAsync();
        Assert.Equal(new ParticipantLeft(ann.Id, "ann", LeaveReason.Timeout, "gone", RoomActor.Server), rig.Told[^1].Event);
        await room.TickAsync();
        Assert.Equal(3, rig.Told.Count);
    }

    [Fact]
    public async Task Events_TellTheMediaNode_InOrderWithTheEpoch()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann"), bob = await KeeperRig.JoinAsync(room, "bob");
        PublishOutcome published = await room.PublishAsync(ann.Id, [TestData.Microphone, TestData.Camera]);
        TrackId a = published.Tracks[0].Track!.Id, b = published.Tracks[1].Track!.Id;
        room = await rig.ActivateAsync();
        await room.MuteTrackAsync(RoomActor.Of(ann.Id), a, true);
        await room.UnpublishAsync(ann.Id, [b], UnpublishReason.Unpublished);
        await room.KickAsync(RoomActor.Server, ann.Id, "why");
        await room.DeleteAsync(RoomActor.Server);

        Assert.Equal(
            [$"mute {a} True", $"end {b}", $"end {a}", $"remove {ann.Id} Kicked why", $"remove {bob.Id} RoomClosed", "close Deleted"],
            rig.Media.Of(TestData.Key));
        Assert.All(rig.Media.Commands, entry => Assert.Equal(2, entry.Room.Epoch));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public async Task Tick_NothingIsDue_AllocatesNothingForAParticipant(int participants)
    {
        const int Ticks = 100;
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        for (int i = 0; i < participants; i++) await KeeperRig.JoinAsync(room, $"participant{i}");
        await room.TickAsync();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < Ticks; i++) Assert.True(room.TickAsync().IsCompletedSuccessfully);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Ticks * 350); // the tick's own: its tasks, what it asks with
    }

    [Fact]
    public async Task Tick_EmptyRoom_ClosesOnTime()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await room.CreateAsync(new RoomDraft(), RoomActor.Server);
        rig.Time.Advance(TimeSpan.FromSeconds(299));
        await room.TickAsync();
        Assert.True(room.Journal.State.IsOpen);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await room.TickAsync();
        Assert.False(room.Journal.State.IsOpen);
        Assert.Equal(0, rig.Census.Rooms);
    }

    [Fact]
    public async Task Tick_NodeOfAParticipantIsGone_WaitsForItToResume()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann"), bob = await KeeperRig.JoinAsync(room, "bob");
        rig.Nodes.Dead.Add(TestData.Node);
        rig.Nodes.Id = "N_second";
        room = await rig.ActivateAsync();
        await room.TickAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(14));
        await room.TickAsync();
        Assert.IsType<ResumeAccepted>(await room.ResumeAsync(new ResumeRequest(bob.Session, bob.SecretHash, "new", 3, "N_second")));

        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await room.TickAsync();
        Assert.Equal([bob.Id], room.Journal.State.Joined.Select(p => p.Id));
        Assert.Equal(new ParticipantLeft(ann.Id, "ann", LeaveReason.NodeLost, "", RoomActor.Server), rig.Told[^1].Event);
        rig.Time.Advance(TimeSpan.FromHours(1));
        await room.TickAsync();
        Assert.Single(room.Journal.State.Joined);
    }

    [Fact]
    public async Task Tick_NodeComesAndGoesAgain_CountsAnew()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        rig.Nodes.Dead.Add(TestData.Node);
        await room.TickAsync();
        rig.Nodes.Dead.Clear();
        rig.Time.Advance(TimeSpan.FromSeconds(20));
        await room.TickAsync();
        rig.Nodes.Dead.Add(TestData.Node);
        await room.TickAsync();
        Assert.Single(room.Journal.State.Joined);
    }

    [Fact]
    public async Task Tick_ExpiredGrant_LeavesWithinASecond()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await room.JoinAsync(TestData.Join("ann") with { ExpiresAt = TestData.Start.AddSeconds(30) });
        for (int second = 0; second < 30; second++)
        {
            Assert.Single(room.Journal.State.Joined);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            await room.TickAsync();
        }

        Assert.Equal(LeaveReason.TokenExpired, Assert.IsType<ParticipantLeft>(rig.Told[^1].Event).Reason);
    }

    [Fact]
    public async Task Activate_LongLog_ReplaysOnlyWhatFollowsTheSnapshot()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        for (int i = 0; i < 2 * RoomJournal.SnapshotEvery; i++) await room.LockAsync(RoomActor.Server, i % 2 == 0);
        StoredRoom stored = await rig.Store.LoadAsync(TestData.Key);
        Assert.InRange(stored.Tail.Count, 0, RoomJournal.SnapshotEvery);
        string before = RoomJson.Write(room.Journal.State);
        Assert.Equal(before, RoomJson.Write((await rig.ActivateAsync()).Journal.State));
    }

    [Fact]
    public async Task Activate_DamagedLog_AnswersTryAgainAndWritesNothing()
    {
        var rig = new KeeperRig(new GappyStore());
        RoomKeeper room = rig.Make();
        Assert.Equal(RoomErrorCode.TryAgain, (await room.OpenAsync())?.Code);
        Assert.Equal(RoomErrorCode.TryAgain, (await room.LockAsync(RoomActor.Server, true)).Error?.Code);
    }

    [Fact]
    public async Task Events_Pages_AreClampedAndEndAtTheLog()
    {
        var rig = new KeeperRig();
        RoomKeeper room = await rig.ActivateAsync();
        for (int i = 0; i < 1100; i++) await room.CreateAsync(new RoomDraft(), RoomActor.Server);
        Assert.Single(rig.Store.Log(TestData.Key));
        for (int i = 0; i < 1100; i++) await room.LockAsync(RoomActor.Server, i % 2 == 0);
        EventPage page = await room.EventsAsync(-5, 1_000_000);
        Assert.Equal((1000, 1L, 1101L), (page.Events.Count, page.Events[0].Seq, page.LastSeq));
        Assert.Single((await room.EventsAsync(0, -1)).Events);
        Assert.Empty((await room.EventsAsync(5000, 10)).Events);
    }

    [Fact]
    public async Task Create_NodeFull_IsLimitUntilARoomCloses()
    {
        var rig = new KeeperRig(configure: options => options.MaxRooms = 1);
        RoomKeeper a = await rig.ActivateAsync(new RoomKey("acme", "a")), b = await rig.ActivateAsync(new RoomKey("acme", "b"));
        await a.CreateAsync(new RoomDraft(), RoomActor.Server);
        CreateOutcome refused = await b.CreateAsync(new RoomDraft(), RoomActor.Server);
        Assert.Equal((RoomErrorCode.Limit, false), (refused.Error!.Code, refused.Created));
        Assert.NotNull(refused.Error.RetryAfter);
        await a.DeleteAsync(RoomActor.Server);
        Assert.True((await b.CreateAsync(new RoomDraft(), RoomActor.Server)).Created);
    }

    /// <summary>Says that there are more events than it has.</summary>
    private sealed class GappyStore : IRoomStore
    {
        public Task<StoredRoom> LoadAsync(RoomKey room) => Task.FromResult(new StoredRoom(3, 7, null, []));

        public Task<bool> AppendAsync(RoomAppend append) => throw new InvalidOperationException("nothing may be written");

        public Task<IReadOnlyList<LoggedEvent>> ReadAsync(RoomKey room, long after, int limit) => throw new NotSupportedException();

        public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit) => throw new NotSupportedException();

        public Task<IReadOnlyList<RoomKey>> ListOpenAsync(RoomKey? after, int limit) => throw new NotSupportedException();

        public Task<int> CountAsync() => throw new NotSupportedException();

        public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
