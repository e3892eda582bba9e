using Prometheus;
using Sfu.Observability;
using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Rooms.Storage;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>The embedded store of recordings: fence, lists, cursor, what survives a restart.</summary>
public sealed class SqliteRecordingStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = TestData.Start;
    private readonly string _directory = Directory.CreateTempSubdirectory("sfu-recordings-").FullName;
    private SqliteRecordingStore _store;

    public SqliteRecordingStoreTests() => _store = Open();

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Append_BehindTheFence_IsRefusedAndWritesNothing()
    {
        RecordingState state = State("sales", 0);
        Assert.True(await _store.AppendAsync(Append(state, 0, 0, 1, 1)));

        Assert.False(await _store.AppendAsync(Append(state with { Folder = "x" }, 0, 0, 1, 1)));
        Assert.False(await _store.AppendAsync(Append(state with { Folder = "x" }, 1, 0, 2, 2)));

        Assert.Equal("", (await _store.FindAsync(state.Id))!.Folder);
    }

    [Fact]
    public async Task Load_AfterARestart_IsWhatWasWritten()
    {
        RecordingState state = State("sales", 0) with
        {
            Phase = RecordingPhase.Suspended,
            Cause = RecordingCause.DiskFull,
            SuspendedSince = Start,
            Pauses = [new PauseSpan(new("PA_1"), PauseReason.Pci, "card", Start, Start.AddMinutes(1))],
            By = RoomActor.BackEnd("key"),
        };
        await _store.AppendAsync(Append(state, 0, 0, 1, 4) with
        {
            Participants = [new RecordingParticipant(new("PA_1"), "ann", "Ann", Start, null, ParticipantRecordingState.Paused)],
            Timeline = [new TimelineEntry(0, Start, """{"kind":"recording_phase","phase":"arming"}""")],
            Impossibility = new Impossibility(Guid.CreateVersion7(Start), state.Room, null, ImpossibilityKind.JoinRefused, RecordingPolicy.Required, RecordingCause.Lag, Start, Start, ["ann"], 2),
        });
        _store.Dispose();
        _store = Open();

        StoredRecordings stored = await _store.LoadAsync(state.Room);

        Assert.Equal((1, 4), (stored.Epoch, stored.Version));
        Assert.Equal(RecordingJson.Write(state), RecordingJson.Write(Assert.Single(stored.Open)));
        Assert.Equal(2, stored.LastRefusal!.Count);
        Assert.Equal(ParticipantRecordingState.Paused, Assert.Single(await _store.ParticipantsAsync(state.Id)).State);
        Assert.Contains("arming", Assert.Single(await _store.TimelineAsync(state.Id, 0, 10)).Text, StringComparison.Ordinal);
        Assert.Equal([state.Room], await _store.ListOpenAsync());
    }

    [Fact]
    public async Task List_ByRoomIdentityAndTime_NewestFirstInPages()
    {
        for (int i = 0; i < 6; i++)
        {
            RecordingState state = State(i % 2 == 0 ? "even" : "odd", i) with { Phase = RecordingPhase.Sealed, EndedAt = Start.AddHours(i).AddMinutes(30), ToldVersion = 9, Version = 9 };
            await _store.AppendAsync(Append(state, i < 2 ? 0 : 1, i < 2 ? 0 : i - 1, 1, i + 1) with
            {
                Participants =
                [
                    new RecordingParticipant(new($"PA_{i}"), i < 3 ? "ann" : "bo", "", Start, Start, ParticipantRecordingState.On),
                    new RecordingParticipant(new($"PA_{i}b"), i < 3 ? "ann" : "bo", "", Start, Start, ParticipantRecordingState.On),
                ],
            });
        }

        Assert.Equal("5, 4, 3, 2, 1, 0", await HoursAsync(Query()));
        Assert.Equal("4, 2, 0", await HoursAsync(Query() with { Room = "even" }));
        Assert.Equal("2, 1, 0", await HoursAsync(Query() with { Identity = "ann" }));
        Assert.Equal("3, 2", await HoursAsync(Query() with { From = Start.AddHours(2).AddMinutes(10), To = Start.AddHours(3).AddMinutes(10) }));
        IReadOnlyList<RecordingState> page = await _store.ListAsync(Query() with { Limit = 4 });
        Assert.Equal("1, 0", await HoursAsync(Query() with { Before = page[^1].Id }));
        Assert.Empty(await HoursAsync(Query() with { Tenant = "other" }));
        Assert.Empty(await _store.ListOpenAsync());
    }

    [Fact]
    public async Task Append_DiskTakesNoWrites_SaysSo()
    {
        await _store.OnWriterAsync(connection => SqliteFiles.Execute(connection, "PRAGMA query_only = ON;"));

        await Assert.ThrowsAsync<RoomStoreException>(() => _store.AppendAsync(Append(State("sales", 0), 0, 0, 1, 1)));
    }

    [Fact]
    public void Open_Twice_IsRefused() => Assert.Throws<RoomStoreException>(Open);

    [Fact]
    public async Task Derivations_Unfinished_AreFoundAgain()
    {
        var derivation = new Derivation
        {
            Id = Guid.CreateVersion7(Start),
            Recording = Guid.CreateVersion7(Start),
            Tenant = "default",
            RequestedAt = Start,
            Wish = new DerivationWish(DerivationKind.Composite, null, DerivationLayout.Grid, DerivationFormat.Mp4),
        };
        await _store.SaveAsync(derivation);
        Assert.Equal(derivation.Wish, Assert.Single(await _store.UnfinishedDerivationsAsync()).Wish);

        await _store.SaveAsync(derivation with { State = DerivationState.Ready, Files = [new DerivedFile("a.mp4", 5, "ff")] });

        Assert.Empty(await _store.UnfinishedDerivationsAsync());
        Assert.Equal("a.mp4", Assert.Single((await _store.FindDerivationAsync(derivation.Id))!.Files).Name);
    }

    private SqliteRecordingStore Open() => new(_directory, new RecordingMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));

    private async Task<string> HoursAsync(RecordingQuery query) =>
        string.Join(", ", (await _store.ListAsync(query)).Select(state => (int)(state.RequestedAt - Start).TotalHours));

    private static RecordingQuery Query() => new("default", null, null, null, null, null, 100);

    private static RecordingState State(string room, int hour) => new()
    {
        Id = Guid.CreateVersion7(Start.AddHours(hour)),
        Room = new RoomKey("default", room),
        RoomId = "RM_1",
        RequestedAt = Start.AddHours(hour),
        By = RoomActor.Server,
    };

    private static RecordingAppend Append(RecordingState state, long expectedEpoch, long expectedVersion, long epoch, long version) => new()
    {
        Room = state.Room,
        ExpectedEpoch = expectedEpoch,
        ExpectedVersion = expectedVersion,
        Epoch = epoch,
        Version = version,
        State = state,
    };
}
