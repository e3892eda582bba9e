using System.Globalization;
using CsCheck;
using Prometheus;
using Sfu.Observability;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>Random operations, crashes, lost answers and second owners on a real store, against <see cref="RoomModel"/>.</summary>
public sealed class RoomModelTests
{
    private const int Operations = 500;

    // 200 runs of 500 are the 100,000 operations that CI does.
    private static readonly long Runs = long.Parse(Environment.GetEnvironmentVariable("SFU_MODEL_RUNS") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public Task Room_RandomOperationsAndCrashes_DoesWhatTheModelDoes() => SampleAsync(new MemoryRoomStore(), Runs);

    [Fact]
    public async Task Room_RandomOperationsAndCrashesOnSqlite_DoesWhatTheModelDoes()
    {
        string directory = RoomHost.NewDirectory();
        using (var store = new SqliteRoomStore(directory, new RoomMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()))))
        {
            // Crashes here are of the owner, not of the machine: no need to wait for the disk.
            await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, "PRAGMA synchronous = OFF;"));
            await SampleAsync(store, Math.Max(1, Runs / 10));
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task SampleAsync(IRoomStore store, long runs)
    {
        int run = 0;
        var seen = new HashSet<string>();
        await Gen.UInt[0, uint.MaxValue].Array[Operations].SampleAsync(
            async operations =>
            {
                var one = new RoomModelRun(store, new RoomKey("acme", $"run{Interlocked.Increment(ref run)}"));
                await one.RunAsync(operations);
                seen.UnionWith(one.Seen);
            },
            iter: runs,
            threads: 1);

        if (runs < 100) return;
        // So many operations really reach all there is: else the comparison would prove nothing. Fewer may miss what is rare.
        string[] events = [.. typeof(RoomEvent).Assembly.GetTypes().Where(type => type.BaseType == typeof(RoomEvent)).Select(type => type.Name)];
        RoomErrorCode[] codes =
            [
                RoomErrorCode.NotFound, RoomErrorCode.Forbidden, RoomErrorCode.BadState, RoomErrorCode.BadRequest, RoomErrorCode.RoomFull,
                RoomErrorCode.RoomLocked, RoomErrorCode.Limit,
            ];
        // Recording has a model of its own (RecordingModelTests, RoomRecordingTests).
        string[] wanted = [.. events.Except([nameof(TrackUpdated), nameof(RecordingChanged), nameof(ParticipantRecordingChanged)]), .. codes.Select(code => code.ToString()), "written but failed", "not written", "replaced", "woken for something"];
        Assert.Empty(wanted.Except(seen));
    }

    [Fact]
    public void Checker_LogsThatMustNotBe_AreFound()
    {
        // The checker itself must be able to fail.
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        List<LoggedEvent> good = room.Log;
        LogChecker.Check(good);
        var left = new ParticipantLeft(ann.Id, "ann", LeaveReason.ClientLeft, "", RoomActor.Server);
        Fails([.. good, Next(3, left), Next(4, new ParticipantJoined(ann))]);
        Fails([.. good, Next(3, left), Next(4, new RoomClosed(RoomCloseReason.Empty, RoomActor.Server)), Next(5, new RoomLocked(true, RoomActor.Server))]);
        Fails([.. good, Next(4, left)]);
        Fails([.. good, good[^1]]);

        static LoggedEvent Next(long seq, RoomEvent roomEvent) => new(seq, TestData.Start, EventAudience.Everyone, roomEvent);

        static void Fails(IReadOnlyList<LoggedEvent> log) => Assert.ThrowsAny<Exception>(() => LogChecker.Check(log));
    }
}
