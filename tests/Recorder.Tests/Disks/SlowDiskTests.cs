using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recorder.Tests.Recordings;

namespace Sfu.Recorder.Tests.Disks;

/// <summary>An fdatasync that stalls for 200 ms, with the real threads.</summary>
[Collection("alone")]
public sealed class SlowDiskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task OnRtp_EverySyncStallsFor200Milliseconds_StopsNoPacket()
    {
        using var folder = new TemporaryFolder();
        using var kek = FileKeyEncryptionKey.Open(folder.Of("kek"));
        using var vault = new SqliteKeyVault(folder.Of("vault.db"));
        var clock = new SystemRecorderClock();
        var files = new SlowFiles(TimeSpan.FromMilliseconds(200));
        Guid id = Guid.CreateVersion7();
        int given = 0, during = 0, stale = 0;
        using (RecorderNode node = RecorderNode.Start(
            new RecorderOptions { Node = "rec-a", WalFolder = folder.Of("wal"), RingSize = 1 << 20, Wal = new() { FileSize = 16 << 20, SyncInterval = TimeSpan.FromMilliseconds(250) } },
            clock, kek, vault, new ListSink(), files))
        {
            await node.OpenRecordingAsync(new RecordingInfo(id, "default", "claims", "required", folder.Of("recording"), 0));
            RecordingTap tap = await node.AddTrackAsync(id, new TrackInfo(0, "", "", "video", "camera", [], []), node.AddRing(), TapGate.Open);
            using var timeout = new CancellationTokenSource(Patience);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            for (int from = files.Syncs; files.Syncs < from + 5;)
            {
                await timer.WaitForNextTickAsync(timeout.Token);
                if (!node.Lease.IsFresh(clock.Now)) stale++;
                if (files.IsStalled) during++;
                Assert.True(tap.OnRtp(clock.Now, PacketMaker.Rtp(1, (ushort)given++, 1_100), false), node.Health.ToString());
            }

            await node.StopAsync(id, "stopped").WaitAsync(Patience);
            Assert.Equal(0, node.Health.Refused);
        }

        Assert.Equal(0, stale);
        Assert.True(during > given / 4, $"{during} of {given} packets came while a sync was under way");
        using var reader = new JournalReader(id, folder.Of("recording"), "rec-a", vault, kek);
        Assert.Equal(Enumerable.Range(0, given), reader.Records(1).Where(record => record.Type == RecordType.Rtp).Select(record => record.Payload.Span[2] << 8 | record.Payload.Span[3]));
        Assert.Equal(JournalFailure.None, reader.Failure);
    }
}
