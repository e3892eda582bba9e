using Microsoft.Data.Sqlite;
using Prometheus;
using Sfu.Observability;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>The embedded store: fence, grouping, crashes and disks that fail.</summary>
public sealed class SqliteRoomStoreTests : IDisposable
{
    private readonly string _directory = RoomHost.NewDirectory();
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly RoomMetrics _metrics;
    private readonly List<IDisposable> _open = [];

    public SqliteRoomStoreTests() => _metrics = new RoomMetrics(Metrics.WithCustomRegistry(_registry));

    public void Dispose()
    {
        foreach (IDisposable store in _open) store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Append_BehindTheFence_WritesNothing()
    {
        SqliteRoomStore store = Open(_directory);
        Assert.True(await store.AppendAsync(Append(0, 0, 1, 2)));
        foreach (RoomAppend stale in new[]
        {
            Append(0, 0, 1, 1), // insert over existing
            Append(1, 1, 1, 1), // number of the past
            Append(1, 3, 1, 1), // number of the future
            Append(2, 2, 2, 1), // another epoch
        })
        {
            Assert.False(await store.AppendAsync(stale));
        }

        StoredRoom stored = await store.LoadAsync(TestData.Key);
        Assert.Equal((1L, 2L, 2), (stored.Epoch, stored.Seq, stored.Tail.Count));
        Assert.True(await store.AppendAsync(Append(1, 2, 2, 0))); // a claim
        Assert.False(await store.AppendAsync(Append(1, 2, 1, 1)));
    }

    [Fact]
    public async Task Append_ToARoomThatWasNeverOpenWithAnEpoch_IsRefused() =>
        Assert.False(await Open(_directory).AppendAsync(Append(1, 0, 1, 1)));

    [Fact]
    public async Task Load_Events_AreAsTheyWereWritten()
    {
        SqliteRoomStore store = Open(_directory);
        LoggedEvent[] events = [.. EventSamples.All.Select((e, i) => new LoggedEvent(i + 1, TestData.Start.AddMilliseconds(i), (EventAudience)(i % 4), e))];
        await store.AppendAsync(new RoomAppend { Room = TestData.Key, ExpectedEpoch = 0, ExpectedSeq = 0, Epoch = 1, Events = events });
        IReadOnlyList<LoggedEvent> read = await store.ReadAsync(TestData.Key, 0, 100);
        Assert.Equal(events.Select(Text), read.Select(Text));
        Assert.Equal(events.Select(Text).Skip(3).Take(4), (await store.ReadAsync(TestData.Key, 3, 4)).Select(Text));
        Assert.Empty(await store.ReadAsync(new RoomKey("other", "sales"), 0, 100));

        static string Text(LoggedEvent e) => $"{e.Seq} {e.At:O} {e.Audience} {RoomJson.Write(e.Event)}";
    }

    [Fact]
    public async Task List_OpenRooms_PagesByNameWithinTheTenant()
    {
        SqliteRoomStore store = Open(_directory);
        foreach (string name in new[] { "b", "a", "C", "d" }) await OpenRoomAsync(store, new RoomKey("acme", name));
        await OpenRoomAsync(store, new RoomKey("zeta", "x"));
        await store.AppendAsync(Append(1, 1, 1, 1, new RoomKey("acme", "d"))); // closes: no info
        Assert.Equal(["C", "a", "b"], (await store.ListAsync("acme", null, 10)).Select(info => info.Key.Room));
        Assert.Equal(["a"], (await store.ListAsync("acme", "C", 1)).Select(info => info.Key.Room));
        Assert.Empty(await store.ListAsync("acm", null, 10));
        Assert.Equal(4, await store.CountAsync());
        Assert.Equal(["acme/C", "acme/a"], (await store.ListOpenAsync(null, 2)).Select(key => key.ToString()));
        Assert.Equal(["acme/b", "zeta/x"], (await store.ListOpenAsync(new RoomKey("acme", "a"), 10)).Select(key => key.ToString()));
    }

    [Fact]
    public async Task Append_ManyAtOnce_ShareCommits()
    {
        SqliteRoomStore store = Open(_directory);
        using var busy = new ManualResetEventSlim();
        Task blocked = store.OnWriterAsync(_ => busy.Wait(TimeSpan.FromSeconds(30)));
        long before = store.Commits;
        Task<bool>[] appends = [.. Enumerable.Range(0, 64).Select(i => store.AppendAsync(Append(0, 0, 1, 1, new RoomKey("acme", $"r{i}"))))];
        busy.Set();
        await blocked;
        Assert.All(await Task.WhenAll(appends), Assert.True);
        Assert.Equal(1, store.Commits - before);
    }

    [Fact]
    public async Task Append_OneOfAGroupFails_TheOthersAreWritten()
    {
        SqliteRoomStore store = Open(_directory);
        using var busy = new ManualResetEventSlim();
        Task blocked = store.OnWriterAsync(_ => busy.Wait(TimeSpan.FromSeconds(30)));
        Task<bool> good = store.AppendAsync(Append(0, 0, 1, 1, new RoomKey("acme", "good")));
        RoomAppend twice = Append(0, 0, 1, 1, new RoomKey("acme", "bad"));
        Task<bool> bad = store.AppendAsync(twice with { Events = [twice.Events[0], twice.Events[0]] });
        Task<bool> later = store.AppendAsync(Append(0, 0, 1, 1, new RoomKey("acme", "later")));
        busy.Set();
        await blocked;
        Assert.True(await good);
        Assert.True(await later);
        await Assert.ThrowsAsync<RoomStoreException>(() => bad);
        Assert.Equal(0, (await store.LoadAsync(new RoomKey("acme", "bad"))).Epoch);
    }

    [Theory]
    [InlineData("PRAGMA query_only = ON;", "PRAGMA query_only = OFF;")] // read-only
    [InlineData("PRAGMA max_page_count = 1;", "PRAGMA max_page_count = 1000000;")] // full
    public async Task Append_DiskFails_ThrowsAndNothingIsHalfDone(string breaks, string mends)
    {
        SqliteRoomStore store = Open(_directory);
        await store.AppendAsync(Append(0, 0, 1, 2));
        await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, breaks));
        // Large enough to need new pages.
        RoomAppend large = Append(1, 2, 1, 0) with
        {
            Events = [.. Enumerable.Range(3, 200).Select(seq => new LoggedEvent(
                seq, TestData.Start, EventAudience.Everyone, new MetadataChanged(null, new string('m', 2000), null, RoomActor.Server)))],
        };
        await Assert.ThrowsAsync<RoomStoreException>(() => store.AppendAsync(large));
        StoredRoom stored = await store.LoadAsync(TestData.Key);
        Assert.Equal((1L, 2L, 2), (stored.Epoch, stored.Seq, stored.Tail.Count));
        Assert.Contains("sfu_store_errors_total{store=\"rooms\"} 1", await ScrapeAsync());

        await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, mends));
        Assert.True(await store.AppendAsync(large));
        Assert.Equal(202, (await store.LoadAsync(TestData.Key)).Seq);
    }

    [Fact]
    public async Task Room_DiskReadOnly_AnswersTryAgainAndGoesOnLater()
    {
        SqliteRoomStore store = Open(_directory);
        var rig = new KeeperRig(store);
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, "PRAGMA query_only = ON;"));
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<JoinRefused>(await room.JoinAsync(TestData.Join("bob"))).Error.Code);
        Assert.Equal(RoomErrorCode.TryAgain, (await room.LockAsync(RoomActor.Server, true)).Error?.Code);
        Assert.Equal(["ann"], (await room.GetAsync())!.Participants.Select(p => p.Identity)); // reading goes on
        await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, "PRAGMA query_only = OFF;"));
        await KeeperRig.JoinAsync(room, "bob");
        Assert.Equal([1, 2, 3], (await room.EventsAsync(0, 10)).Events.Select(e => e.Seq));
    }

    [Fact]
    public async Task Open_AfterKill_HasWhatWasAnswered()
    {
        SqliteRoomStore store = Open(_directory);
        RoomKeeper room = await new KeeperRig(store).ActivateAsync();
        for (int i = 0; i < 50; i++) await KeeperRig.JoinAsync(room, $"p{i}");
        string state = RoomJson.Write(room.Journal.State);

        // What a killed process leaves: the files as they are, nothing closed or checkpointed.
        SqliteRoomStore again = Open(Image());
        RoomKeeper restored = await new KeeperRig(again).ActivateAsync();
        Assert.Equal(state, RoomJson.Write(restored.Journal.State));
        Assert.Equal(room.Journal.Epoch + 1, restored.Journal.Epoch);
    }

    [Fact]
    public async Task Open_TornTail_IsAPrefixOfWhatWasWritten()
    {
        SqliteRoomStore store = Open(_directory);
        RoomKeeper room = await new KeeperRig(store).ActivateAsync();
        var states = new HashSet<string> { RoomJson.Write(room.Journal.State) };
        for (int i = 0; i < 20; i++)
        {
            await KeeperRig.JoinAsync(room, $"p{i}");
            states.Add(RoomJson.Write(room.Journal.State));
        }

        long length = new FileInfo(Wal(_directory)).Length;
        var reached = new HashSet<long>();
        for (int cut = 0; cut <= 40; cut++)
        {
            string image = Image();
            // Power was lost while the log was written: its end is missing or garbage.
            using (FileStream wal = File.OpenWrite(Wal(image)))
            {
                long keep = length * cut / 40;
                if (cut % 2 == 0) wal.SetLength(keep);
                else
                {
                    wal.Position = keep;
                    wal.Write(Enumerable.Range(0, (int)Math.Min(4096, length - keep)).Select(i => (byte)(i * 31)).ToArray());
                }
            }

            using var torn = new SqliteRoomStore(image, _metrics);
            var rig = new KeeperRig(torn);
            rig.Ids.Skip(1000);
            RoomKeeper restored = rig.Make();
            Assert.Null(await restored.OpenAsync());
            Assert.Contains(RoomJson.Write(restored.Journal.State), states);
            reached.Add(restored.Journal.State.Seq);
            LogChecker.Check(await torn.ReadAsync(TestData.Key, 0, 1000));
            await KeeperRig.JoinAsync(restored, "after");
        }

        Assert.True(reached.Count > 10, "the cuts must hit many different ends");
    }

    [Fact]
    public void Open_Twice_IsRefusedWithASentence()
    {
        Open(_directory);
        var e = Assert.Throws<RoomStoreException>(() => new SqliteRoomStore(_directory, _metrics));
        Assert.Contains("another server", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoDatabase_IsRefusedWithASentence()
    {
        File.WriteAllText(Path.Combine(_directory, SqliteRoomStore.FileName), "this is no database, it is a text of some length");
        var e = Assert.Throws<RoomStoreException>(() => new SqliteRoomStore(_directory, _metrics));
        Assert.Contains("Restore it", e.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_directory, SqliteRoomStore.FileName));
        Open(_directory); // the lock was given back
    }

    [Fact]
    public void Open_DiskFull_SaysToMakeRoom()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, SqliteRoomStore.FileName), "/dev/full");  // takes no byte
        var e = Assert.Throws<RoomStoreException>(() => new SqliteRoomStore(_directory, _metrics));
        Assert.Contains("make room, or set Sfu:DataDirectory to a folder on another", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Restore it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SchemaOfAnotherVersion_IsRefused()
    {
        Open(_directory).Dispose();
        using (SqliteConnection connection = SqliteFiles.OpenWriter(Path.Combine(_directory, SqliteRoomStore.FileName), "rooms", 1))
            SqliteFiles.Execute(connection, "PRAGMA user_version = 99;");
        Assert.Contains("schema 99", Assert.Throws<RoomStoreException>(() => new SqliteRoomStore(_directory, _metrics)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Open_Files_AreForTheOwnerOnly()
    {
        Open(_directory);
        const UnixFileMode others = (UnixFileMode)0b000_111_111;
        foreach (string file in Directory.GetFiles(_directory)) Assert.Equal(default, File.GetUnixFileMode(file) & others);
        Assert.True(Directory.GetFiles(_directory).Length >= 3);
    }

    [Fact]
    public async Task Write_AfterDispose_Fails()
    {
        SqliteRoomStore store = Open(_directory);
        store.Dispose();
        await Assert.ThrowsAsync<RoomStoreException>(() => store.AppendAsync(Append(0, 0, 1, 1)));
    }

    [Fact]
    public async Task Prune_OldEvents_KeepsWhatTheStateNeeds()
    {
        SqliteRoomStore store = Open(_directory);
        var rig = new KeeperRig(store);
        RoomKeeper open = await rig.ActivateAsync(), closed = await rig.ActivateAsync(new RoomKey("acme", "closed"));
        await KeeperRig.JoinAsync(open, "ann");
        await closed.CreateAsync(new RoomDraft(), RoomActor.Server);
        await closed.DeleteAsync(RoomActor.Server);
        rig.Time.Advance(TimeSpan.FromDays(31));
        await KeeperRig.JoinAsync(open, "bob");

        Assert.Equal(2, await store.PruneAsync(rig.Time.GetUtcNow() - TimeSpan.FromDays(30), CancellationToken.None));
        Assert.Empty(await store.ReadAsync(new RoomKey("acme", "closed"), 0, 10));
        Assert.Equal(3, (await store.ReadAsync(TestData.Key, 0, 10)).Count); // no snapshot holds them yet
        Assert.Equal(RoomJson.Write(open.Journal.State), RoomJson.Write((await rig.ActivateAsync()).Journal.State));

        // The numbers of the closed room go on.
        closed = await rig.ActivateAsync(new RoomKey("acme", "closed"));
        await closed.CreateAsync(new RoomDraft(), RoomActor.Server);
        Assert.Equal([3], (await store.ReadAsync(new RoomKey("acme", "closed"), 0, 10)).Select(e => e.Seq));
    }

    [Fact]
    public async Task Prune_LongLog_RemovesOnlyOldOnes()
    {
        SqliteRoomStore store = Open(_directory);
        var rig = new KeeperRig(store);
        RoomKeeper room = await rig.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        for (int i = 0; i < 300; i++) await room.LockAsync(RoomActor.Server, i % 2 == 0);
        rig.Time.Advance(TimeSpan.FromDays(31));
        for (int i = 0; i < 300; i++) await room.LockAsync(RoomActor.Server, i % 2 == 0);
        Assert.Equal(302, await store.PruneAsync(rig.Time.GetUtcNow() - TimeSpan.FromDays(30), CancellationToken.None));
        Assert.Equal(303, (await store.ReadAsync(TestData.Key, 0, 1))[0].Seq);
        Assert.Equal(RoomJson.Write(room.Journal.State), RoomJson.Write((await rig.ActivateAsync()).Journal.State));
    }

    private static RoomAppend Append(long expectedEpoch, long expectedSeq, long epoch, int events, RoomKey? room = null) => new()
    {
        Room = room ?? TestData.Key,
        ExpectedEpoch = expectedEpoch,
        ExpectedSeq = expectedSeq,
        Epoch = epoch,
        Events = [.. Enumerable.Range(1, events).Select(i =>
            new LoggedEvent(expectedSeq + i, TestData.Start, EventAudience.Everyone, new RoomLocked(true, RoomActor.Server)))],
    };

    private static async Task OpenRoomAsync(SqliteRoomStore store, RoomKey key)
    {
        RoomKeeper room = await new KeeperRig(store).ActivateAsync(key);
        Assert.True((await room.CreateAsync(new RoomDraft(), RoomActor.Server)).Created);
    }

    private static string Wal(string directory) => Path.Combine(directory, SqliteRoomStore.FileName + "-wal");

    private SqliteRoomStore Open(string directory)
    {
        var store = new SqliteRoomStore(directory, _metrics);
        _open.Add(store);
        return store;
    }

    private string Image()
    {
        string image = Directory.CreateDirectory(Path.Combine(_directory, Path.GetRandomFileName())).FullName;
        foreach (string name in new[] { SqliteRoomStore.FileName, SqliteRoomStore.FileName + "-wal" })
            File.Copy(Path.Combine(_directory, name), Path.Combine(image, name));
        return image;
    }

    private async Task<string> ScrapeAsync()
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
