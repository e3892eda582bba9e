using Sfu.Media.Rtp;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>Rooms in a real silo, on a real store.</summary>
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
    public async Task Room_EveryCall_ReachesTheRules()
    {
        await using RoomHost host = await RoomHost.StartAsync(null, ("Sfu:Rooms:AutoCreate", "false"));
        IRoomGrain room = host.Room(TestData.Key);
        RoomActor backEnd = RoomActor.BackEnd("key");
        Assert.Null(await room.GetAsync());
        Assert.Equal(RoomErrorCode.NotFound, Assert.IsType<JoinRefused>(await room.JoinAsync(host.Join("ann", mayCreate: false))).Error.Code);
        Assert.True((await room.CreateAsync(new RoomDraft { Lobby = true }, backEnd)).Created);
        Assert.False((await room.CreateAsync(new RoomDraft(), backEnd)).Created);

        Participant boss = Assert.IsType<JoinAccepted>(await room.JoinAsync(host.Join("boss", TestData.Host))).Self;
        var waiting = Assert.IsType<JoinWaiting>(await room.JoinAsync(host.Join("ann")));
        Assert.Equal(1, waiting.Room.WaitingCount);
        RoomActor by = RoomActor.Of(boss.Id);
        Assert.Null((await room.AdmitAsync(by, waiting.Self.Id)).Error);
        Participant refused = Assert.IsType<JoinWaiting>(await room.JoinAsync(host.Join("eve"))).Self;
        Assert.Null((await room.RefuseAsync(by, refused.Id, "no")).Error);

        Track track = (await room.PublishAsync(waiting.Self.Id, [TestData.Microphone])).Tracks[0].Track!;
        Assert.Null((await room.UpdateTrackAsync(waiting.Self.Id, track.Id, null, "desk")).Error);
        Assert.Null((await room.MuteAllAsync(by, MediaKind.Audio)).Error);
        Assert.Equal(RoomErrorCode.Forbidden, (await room.MuteTrackAsync(by, track.Id, false)).Error?.Code);
        Assert.Null((await room.MuteTrackAsync(RoomActor.Of(waiting.Self.Id), track.Id, false)).Error);
        Assert.Null((await room.UnpublishAsync(waiting.Self.Id, [track.Id], UnpublishReason.Unpublished)).Error);
        Assert.Null((await room.UpdateMetadataAsync(backEnd, waiting.Self.Id, "vip", null)).Error);
        Assert.Null((await room.UpdateAsync(new RoomDraft { Metadata = "case 7" }, backEnd)).Error);
        Assert.Null((await room.LockAsync(by, true)).Error);
        Assert.Equal(RoomErrorCode.RoomLocked, Assert.IsType<JoinRefused>(await room.JoinAsync(host.Join("eve"))).Error.Code);
        Assert.Null((await room.KickAsync(by, waiting.Self.Id, "bye")).Error);
        RoomInfo listed = Assert.Single(await host.Get<IRoomDirectory>().ListAsync("acme", null, 10));
        Assert.Equal(("case 7", true, 1), (listed.Settings.Metadata, listed.Locked, listed.ParticipantCount));
        Assert.Equal(1, await host.Get<IRoomDirectory>().CountAsync());
        await room.LeaveAsync(boss.Id, LeaveReason.ClientLeft);
        Assert.Null((await room.DeleteAsync(backEnd)).Error);
        Assert.Empty(await host.Get<IRoomDirectory>().ListAsync("acme", null, 10));
        Assert.Empty(await host.Get<IRoomDirectory>().ListAsync("other", null, 10));

        EventPage page = await room.EventsAsync(0, 1000); // of a closed room
        LogChecker.Check(page.Events);
        Assert.Equal(
            [$"remove {refused.Id} Refused no", $"mute {track.Id} True", $"mute {track.Id} False", $"end {track.Id}",
                $"remove {waiting.Self.Id} Kicked bye", $"remove {boss.Id} ClientLeft", "close Deleted"],
            host.Media.Of(TestData.Key));
    }

    [Fact]
    public async Task Start_AfterStop_KnowsTheRoomAndGoesOnWithTheLog()
    {
        string directory;
        ParticipantId ann;
        await using (RoomHost first = await RoomHost.StartAsync())
        {
            (directory, first.KeepsDirectory) = (first.Directory, true);
            ann = ((JoinAccepted)await first.Room(TestData.Key).JoinAsync(first.Join("ann"))).Self.Id;
        }

        await using RoomHost second = await RoomHost.StartAsync(directory);
        RoomSnapshot? snapshot = await second.Room(TestData.Key).GetAsync();
        Assert.Equal([ann], snapshot!.Participants.Select(p => p.Id));
        await second.Room(TestData.Key).JoinAsync(second.Join("bob"));
        EventPage page = await second.Room(TestData.Key).EventsAsync(0, 100);
        Assert.Equal([1, 2, 3], page.Events.Select(entry => entry.Seq));
    }

    [Fact]
    public async Task Start_AfterKill_ParticipantsResumeOrAreLost()
    {
        string image = RoomHost.NewDirectory();
        Participant ann, bob;
        await using (RoomHost first = await RoomHost.StartAsync())
        {
            IRoomGrain room = first.Room(TestData.Key);
            ann = ((JoinAccepted)await room.JoinAsync(first.Join("ann"))).Self;
            bob = ((JoinAccepted)await room.JoinAsync(first.Join("bob"))).Self;
            await room.PublishAsync(bob.Id, [TestData.Microphone]);
            // The files of a process that is killed now.
            foreach (string name in new[] { SqliteRoomStore.FileName, SqliteRoomStore.FileName + "-wal" })
                File.Copy(Path.Combine(first.Directory, name), Path.Combine(image, name));
        }

        await using RoomHost second = await RoomHost.StartAsync(image, ("Sfu:Rooms:NodeLostTimeout", "00:00:01"));
        var gone = new CollectingSink();
        using IDisposable subscription = await second.Get<IRoomEventHub>().SubscribeAsync(TestData.Key, 4, gone);
        var resumed = Assert.IsType<ResumeAccepted>(
            await second.Room(TestData.Key).ResumeAsync(new ResumeRequest(ann.Session, ann.SecretHash, "new", 4, second.Node.Id)));
        Assert.Equal((ann.Id, second.Node.Id), (resumed.Self.Id, resumed.Self.Node));

        await gone.UntilAsync(7); // resumed, track ended, bob left
        IReadOnlyList<LoggedEvent> tail = (await second.Room(TestData.Key).EventsAsync(5, 10)).Events;
        Assert.IsType<TrackUnpublished>(tail[0].Event);
        Assert.Equal(LeaveReason.NodeLost, Assert.IsType<ParticipantLeft>(tail[1].Event).Reason);
        Assert.Equal([ann.Id], (await second.Room(TestData.Key).GetAsync())!.Participants.Select(p => p.Id));

        await second.Room(TestData.Key).ConfirmAsync(ann.Session, "new");
        Assert.IsType<ResumeRefused>(
            await second.Room(TestData.Key).ResumeAsync(new ResumeRequest(ann.Session, ann.SecretHash, "newer", 8, second.Node.Id)));
    }

    [Fact]
    public async Task Start_EmptyRoomOfBefore_ClosesWithoutBeingAskedFor()
    {
        string directory;
        await using (RoomHost first = await RoomHost.StartAsync())
        {
            (directory, first.KeepsDirectory) = (first.Directory, true);
            await first.Room(TestData.Key).CreateAsync(new RoomDraft { EmptyTimeout = TimeSpan.FromSeconds(1) }, RoomActor.Server);
        }

        await using RoomHost second = await RoomHost.StartAsync(directory);
        await second.Media.ClosedAsync(); // nobody asked for the room: the sweep woke it
        Assert.Equal(0, await second.Get<IRoomDirectory>().CountAsync());
    }

    [Fact]
    public async Task Write_AfterAnotherActivationTookTheRoom_ClosesItHereAndTheNextCallGoesOn()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        IRoomGrain room = host.Room(TestData.Key);
        await room.JoinAsync(host.Join("ann"));
        // Another process takes the room: it raises the epoch.
        StoredRoom stored = await host.Get<IRoomStore>().LoadAsync(TestData.Key);
        Assert.True(await host.Get<IRoomStore>().AppendAsync(new RoomAppend
        {
            Room = TestData.Key,
            ExpectedEpoch = stored.Epoch,
            ExpectedSeq = stored.Seq,
            Epoch = stored.Epoch + 1,
            Info = (await room.GetAsync())!.Room,
        }));

        Assert.Equal(RoomErrorCode.TryAgain, (await room.LockAsync(RoomActor.Server, true)).Error?.Code);
        Assert.Equal([$"supersede {stored.Epoch}"], host.Media.Of(TestData.Key));

        Assert.Null((await room.LockAsync(RoomActor.Server, true)).Error); // a new activation
        Assert.Equal([1, 2, 3], (await room.EventsAsync(0, 10)).Events.Select(e => e.Seq));
        Assert.Equal(stored.Epoch + 2, (await host.Get<IRoomStore>().LoadAsync(TestData.Key)).Epoch);
    }

    [Fact]
    public async Task Hub_RealRoom_DeliversToSessionsInOrder()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        IRoomGrain room = host.Room(TestData.Key);
        var joined = (JoinAccepted)await room.JoinAsync(host.Join("ann"));
        CollectingSink[] sinks = [.. Enumerable.Range(0, 10).Select(_ => new CollectingSink())];
        var subscriptions = new List<IDisposable>();
        foreach (CollectingSink sink in sinks)
            subscriptions.Add(await host.Get<IRoomEventHub>().SubscribeAsync(TestData.Key, joined.Room.Seq, sink));
        for (int i = 0; i < 100; i++) await room.LockAsync(RoomActor.Server, i % 2 == 0);
        await Task.WhenAll(sinks.Select(sink => sink.UntilAsync(102)));
        Assert.All(sinks, sink => Assert.Equal(Enumerable.Range(3, 100).Select(i => (long)i), sink.Seqs));
        foreach (IDisposable subscription in subscriptions) subscription.Dispose();
    }

    [Fact]
    public async Task Join_ThroughTheDoor_IsAcceptedAndDrainsOnStop()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        IRoomAdmission door = host.Get<IRoomAdmission>();
        Assert.IsType<JoinAccepted>(await door.JoinAsync(TestData.Key, host.Join("ann")));
        Assert.Equal((1, 1), (host.Get<RoomCensus>().Rooms, host.Get<RoomCensus>().Participants));
        host.Get<LocalNode>().Drain();
        Assert.Equal(RoomErrorCode.Draining, Assert.IsType<JoinRefused>(await door.JoinAsync(TestData.Key, host.Join("bob"))).Error.Code);
    }

    [Fact]
    public async Task Abandon_AfterJoin_Leaves()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        JoinRequest request = host.Join("ann");
        await host.Room(TestData.Key).JoinAsync(request);
        await host.Room(TestData.Key).AbandonAsync(request.Session);
        Assert.Empty((await host.Room(TestData.Key).GetAsync())!.Participants);
    }

    [Theory]
    [InlineData(null, true)] // no keys: a development server
    [InlineData("Sfu:ApiKeys:key", false)]
    public async Task Join_NoRoom_IsCreatedOnDevelopmentServersOnly(string? key, bool creates)
    {
        await using RoomHost host = key is null ? await RoomHost.StartAsync() : await RoomHost.StartAsync(null, (key, "secret"));
        JoinOutcome outcome = await host.Room(TestData.Key).JoinAsync(host.Join("ann", mayCreate: false));
        Assert.Equal(creates, outcome is JoinAccepted);
    }

    [Fact]
    public async Task Start_SeveralServersAtOnce_TakePortsOfTheirOwn()
    {
        RoomHost[] hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RoomHost.StartAsync()));
        Assert.Equal(4, hosts.Select(host => host.Node.Id).Distinct().Count());
        Assert.Equal(4, hosts.Select(host => host.Get<ILocalSiloDetails>().SiloAddress.Endpoint).Distinct().Count());
        Assert.All(hosts, host => Assert.Equal(host.Get<SiloPort>().EndPoint, host.Get<ILocalSiloDetails>().SiloAddress.Endpoint));
        Assert.All(hosts, host => Assert.True(host.Get<ILocalSiloDetails>().GatewayAddress is null or { Endpoint.Port: 0 }));
        foreach (RoomHost host in hosts)
        {
            Assert.Single(((JoinAccepted)await host.Room(TestData.Key).JoinAsync(host.Join("ann"))).Room.Participants);
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_IsRefusedWithASentence()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        var e = await Assert.ThrowsAsync<Sfu.Hosting.StartUpException>(() => RoomHost.StartAsync(host.Directory));
        Assert.Contains("another server", Assert.Single(e.Sentences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_ManyRoomsAtOnce_AllDurableAndExact()
    {
        await using RoomHost host = await RoomHost.StartAsync();
        RoomKey[] keys = [.. Enumerable.Range(0, 32).Select(i => new RoomKey("acme", $"room{i}"))];
        await Task.WhenAll(keys.SelectMany(key => Enumerable.Range(0, 8).Select(i => host.Room(key).JoinAsync(host.Join($"p{i}")))));
        foreach (RoomKey key in keys)
        {
            IReadOnlyList<LoggedEvent> log = (await host.Room(key).EventsAsync(0, 100)).Events;
            Assert.Equal(9, log.Count);
            LogChecker.Check(log);
        }

        Assert.Equal(32, await host.Get<IRoomDirectory>().CountAsync());
    }
}
