using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Recordings;
using Sfu.Recorder.Recovery;
using Sfu.Recorder.Tests.Recordings;
using Sfu.Recorder.Tests.Wal;
using Sfu.Tests;

namespace Sfu.Recorder.Tests.Disks;

/// <summary>Real disks that run full.</summary>
[Collection("alone")]
public sealed class FullDiskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Mounts _mounts = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _mounts.Dispose();
        _folder.Dispose();
    }

    /// <summary>SECURITY.md fact 1: a thin disk takes every write and says only at the sync that it has no room.</summary>
    [RootFact]
    public void Sync_ThinDiskWithoutRoom_SaysSo()
    {
        (string thin, _) = ThinDisk();
        var files = new LinuxFiles();
        Assert.False(files.Create(Path.Combine(thin, "file"), out int file).IsFailure);
        byte[] mebibyte = new byte[1 << 20];
        new Random(1).NextBytes(mebibyte);
        for (int i = 0; i < 30; i++) Assert.False(files.Write(file, mebibyte, (long)i << 20).IsFailure);
        FileFailure failure = files.Sync(file);
        files.Close(file);
        Assert.Equal(FileOperation.Sync, failure.Operation);
        Assert.Contains(failure.Errno, new[] { FileFailure.DeviceError, FileFailure.NoSpace });
    }

    [RootFact]
    public void Turn_ThinDiskRunsFull_SaysThatNothingIsDurableThatIsNot()
    {
        (string thin, string backing) = ThinDisk();
        var files = new LinuxFiles();
        var vault = new MemoryVault();
        using var kek = FileKeyEncryptionKey.Open(_folder.Of("kek"));
        Guid id = Guid.CreateVersion7();
        string log = Path.Combine(thin, "rec-a");
        Directory.CreateDirectory(log);
        ulong durable = 0;
        using (RecorderCore core = Core(files, vault, kek, log, out CaptureRing ring))
        {
            MediaTime now = MediaTime.FromSeconds(10);
            Assert.True(core.TryOpen(now, new RecordingInfo(id, "default", "claims", "required", _folder.Of("recording"), 0), new TaskCompletionSource<bool>()));
            RecordingTap tap = core.AddTrack(now, core.Find(id)!, new TrackInfo(0, "", "", "video", "camera", [], []), ring, TapGate.Open);
            var random = new Random(2);
            byte[] packet = PacketMaker.Rtp(1, 0, 1_200);
            for (int i = 0; core.Wal.Failures == 0; i++)
            {
                Assert.True(i < 40_000, "The disk took more than there is.");
                random.NextBytes(packet.AsSpan(12));
                (packet[2], packet[3]) = ((byte)(i >> 8), (byte)i);
                Assert.True(tap.OnRtp(now, packet, false));
                now += TimeSpan.FromMilliseconds(1);
                core.Turn(now, () => new ClockReading(new WallClockAnchor(MediaTime.Zero, 0), false, 0));
            }

            durable = core.Find(id)!.DurableChunks;
            Assert.True(durable > 10);
        }

        _mounts.Unmount();
        Mounts.Resize(backing, 80);
        _mounts.Loop("again", Path.Combine(backing, "image"));
        WalScan scan = new WalScanner(files, Path.Combine(Path.GetDirectoryName(thin)!, "again", "rec-a")).Scan();
        Assert.False(scan.Failure.IsFailure, scan.Failure.ToString());
        RecoveredRecording recovered = Assert.Single(scan.Recordings);
        Assert.True(recovered.Next >= durable, $"{durable} chunks were said to be durable, {recovered.Next} are there");
    }

    [RootFact]
    public async Task Lease_DiskFullThenNot_EndsAndComesBackByItself()
    {
        string disk = _mounts.Memory("small", 6);
        using var kek = FileKeyEncryptionKey.Open(_folder.Of("kek"));
        using var vault = new SqliteKeyVault(_folder.Of("vault.db"));
        var clock = new SystemRecorderClock();
        using RecorderNode node = RecorderNode.Start(
            new RecorderOptions { Node = "rec-a", WalFolder = disk, RingSize = 1 << 24, Wal = new() { FileSize = 1 << 20, SyncInterval = TimeSpan.FromMilliseconds(250) } },
            clock, kek, vault, new ListSink());
        Guid id = Guid.CreateVersion7();
        await node.OpenRecordingAsync(new RecordingInfo(id, "default", "claims", "required", _folder.Of("recording"), 0));
        RecordingTap tap = await node.AddTrackAsync(id, new TrackInfo(0, "", "", "video", "camera", [], []), node.AddRing(), TapGate.Open);
        byte[] packet = PacketMaker.Rtp(1, 0, 1_200);
        int given = 0;
        void Give()
        {
            for (int i = 0; i < 20; i++, given++)
            {
                (packet[2], packet[3]) = ((byte)(given >> 8), (byte)given);
                Assert.True(tap.OnRtp(clock.Now, packet, false));
            }
        }

        await Until(node, () =>
        {
            Give();
            return node.Health.LogFailure.IsFailure && !node.Lease.IsFresh(clock.Now);
        });
        Assert.Equal(FileFailure.NoSpace, node.Health.LogFailure.Errno);

        Mounts.Resize(disk, 64);
        await Until(node, () => node.Lease.IsFresh(clock.Now) && !node.Health.LogFailure.IsFailure && node.Health.RingBytes == 0);
        await node.StopAsync(id, "stopped").WaitAsync(Patience);
        Assert.Equal(0, node.Health.Refused);
        using var reader = new Reading.JournalReader(id, _folder.Of("recording"), "rec-a", vault, kek);
        Assert.Equal(given, reader.Records(1).Count(record => record.Type == RecordType.Rtp));
        Assert.Equal(JournalFailure.None, reader.Failure);
    }

    private (string Thin, string Backing) ThinDisk()
    {
        string backing = _mounts.Memory("backing", 24), image = Path.Combine(backing, "image");
        using (FileStream file = File.Create(image)) file.SetLength(64 << 20);
        Mounts.Run("mkfs.ext4", "-q", image);          // with its journal: without one the full disk costs the file system itself
        return (_mounts.Loop("thin", image), backing);
    }

    private static RecorderCore Core(LinuxFiles files, MemoryVault vault, FileKeyEncryptionKey kek, string log, out CaptureRing ring)
    {
        var options = new RecorderOptions { Node = "rec-a", WalFolder = log, RingSize = 1 << 20, Wal = new() { FileSize = 40 << 20 } };
        var segments = new SegmentThread(files, vault, kek, new ListSink(), "rec-a", () => { });
        var core = new RecorderCore(
            new RecorderContext { Options = options, Kek = kek, Segments = segments }, segments, new RecorderLease(), new WalScanner(files, log).Scan(), files,
            new StepSync(files), log, 1);
        ring = new CaptureRing(options.RingSize);
        core.AddRing(ring);
        return core;
    }

    private static Task Until(RecorderNode node, Func<bool> condition) => Eventually.TrueAsync(condition, describe: () => node.Health.ToString());
}
