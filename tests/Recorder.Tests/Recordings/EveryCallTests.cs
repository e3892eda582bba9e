using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>Each call of the file system that a recording makes, from its opening to its seal, fails in turn.</summary>
public sealed class EveryCallTests
{
    private const int Packets = 60, Step = 50;                 // milliseconds between two
    private static readonly int[] Errors = [FileFailure.DeviceError, FileFailure.NoSpace, FileFailure.ReadOnlyFileSystem];

    [Theory]
    [InlineData(FileFailure.DeviceError)]
    [InlineData(FileFailure.NoSpace)]
    [InlineData(FileFailure.ReadOnlyFileSystem)]
    public void Turn_OneCallFails_LosesNothingAndGoesOn(int errno)
    {
        var operations = new HashSet<FileOperation>();
        for (int n = 1, calls = Calls(); n <= calls; n++)
        {
            using var recorder = new TestRecorder();
            int failing = n;
            recorder.Disk.WritesHalf = n % 2 == 1;
            recorder.Disk.Fault = (call, operation) => call == failing && operations.Add(operation) | true ? new FileFailure(operation, errno) : default;
            RecordingTap tap = Begin(recorder);
            for (int i = 0; i < Packets; i++) Give(recorder, tap, i);
            End(recorder, n);
        }

        Assert.Equal([FileOperation.Open, FileOperation.Allocate, FileOperation.Write, FileOperation.Sync, FileOperation.Folder], operations.Order());
    }

    [Fact]
    public void Turn_AllCallsFailFromOneOn_GoesOnWhenTheyEnd()
    {
        for (int n = 1, calls = Calls(); n <= calls; n++)
        {
            using var recorder = new TestRecorder();
            int from = n, errno = Errors[n % 3];
            recorder.Disk.Fault = (call, operation) => call >= from ? new FileFailure(operation, errno) : default;
            RecordingTap tap = Begin(recorder);
            for (int i = 0; i < Packets; i++) Give(recorder, tap, i);
            recorder.Advance(2_500, 50);
            bool began = recorder.Disk.Calls >= from;
            // Nothing is said to be well that is not: the packets above are not on the disk.
            Assert.True(!began || !recorder.Lease.IsFresh(recorder.Now) || recorder.Core.Wal.IsDurable, $"call {n}: {recorder.Core.Health}");
            recorder.Disk.Fault = null;
            End(recorder, n);
        }
    }

    [Fact]
    public void Start_PowerLostAfterAFailedCall_KeepsWhatWasAcknowledged()
    {
        for (int n = 1, calls = Calls(); n <= calls; n++)
        {
            using var recorder = new TestRecorder();
            int failing = n, errno = Errors[n % 3];
            recorder.Disk.Fault = (call, operation) => call == failing ? new FileFailure(operation, errno) : default;
            RecordingTap tap = Begin(recorder);
            for (int i = 0; i < Packets && recorder.Disk.Calls < failing + 3; i++) Give(recorder, tap, i);
            ulong acknowledged = recorder.Core.Find(TestRecorder.Id)!.DurableChunks;
            recorder.Disk.Fault = null;
            recorder.Disk.LosePower();
            Assert.True((ulong)recorder.ReadAll().Count >= acknowledged, $"call {n}: {acknowledged} chunks were acknowledged, {recorder.ReadAll().Count} are there");
        }
    }

    /// <summary>How many calls a recording makes when none fails.</summary>
    private static int Calls()
    {
        using var recorder = new TestRecorder();
        recorder.Disk.Fault = (_, _) => default;               // counts
        RecordingTap tap = Begin(recorder);
        for (int i = 0; i < Packets; i++) Give(recorder, tap, i);
        End(recorder, 0);
        Assert.InRange(recorder.Disk.Names.Count(name => name.EndsWith(".wal", StringComparison.Ordinal)), 1, 9);
        Assert.InRange(recorder.Disk.Calls, 40, 400);
        return recorder.Disk.Calls;
    }

    private static RecordingTap Begin(TestRecorder recorder)
    {
        recorder.Options = recorder.Options with { Wal = recorder.Options.Wal with { FileSize = 12_000 } };   // several files
        recorder.Start();
        recorder.Open();
        return recorder.AddTrack();
    }

    private static void Give(TestRecorder recorder, RecordingTap tap, int number)
    {
        Assert.True(tap.OnRtp(recorder.Now, PacketMaker.Rtp(1, (ushort)number, 300), false));
        recorder.Advance(Step, Step);
    }

    private static void End(TestRecorder recorder, int call)
    {
        recorder.Stop();
        recorder.Advance(8_000, 50);
        Assert.True(recorder.Sink.Sealed.Count == 1, $"call {call}: not sealed, {recorder.Core.Health}");
        Assert.True(recorder.Lease.IsFresh(recorder.Now), $"call {call}: {recorder.Core.Health}");
        Assert.False(recorder.Core.Health.LogFailure.IsFailure, $"call {call}: {recorder.Core.Health}");
        Assert.Equal(Enumerable.Range(0, Packets), recorder.Packets(1).Select(packet => packet[2] << 8 | packet[3]));
    }
}
