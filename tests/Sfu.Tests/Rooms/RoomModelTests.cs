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
    public async Task Room_RandomOperationsAndCrashes_DoesWhatTheModelDoes()
    {
        string directory = RoomHost.NewDirectory();
        using var store = new SqliteRoomStore(directory, new RoomMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
        // Crashes here are of the owner, not of the machine: no need to wait for the disk.
        await store.OnWriterAsync(connection => SqliteFiles.Execute(connection, "PRAGMA synchronous = OFF;"));
        int run = 0;
        await Gen.UInt.Array[Operations].SampleAsync(
            operations => new RoomModelRun(store, new RoomKey("acme", $"run{Interlocked.Increment(ref run)}")).RunAsync(operations),
            iter: Runs,
            threads: 1);
        Assert.True(run >= Runs);
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
