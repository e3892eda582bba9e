using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Tests.Recordings;

[Collection("alone")]
public sealed class RecorderCoreTests : IDisposable
{
    private readonly TestRecorder _recorder = new();

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void Turn_OpenChunk_IsWrittenWithin150Milliseconds()
    {
        RecordingTap tap = Begin();
        tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, 1), false);
        _recorder.Advance(90);
        Assert.Empty(_recorder.Packets(1));
        _recorder.Advance(60);
        Assert.Single(_recorder.Packets(1));
    }

    [Fact]
    public void Turn_HostHoldsTheLease_EndsAtOnceAndTheLogGoesOn()
    {
        RecordingTap tap = Begin();
        bool isHeld = false;
        _recorder.Core.IsHeld = () => isHeld;
        _recorder.Advance(10);
        Assert.True(_recorder.Lease.IsFresh(_recorder.Now));

        isHeld = true;
        _recorder.Advance(10);
        Assert.False(_recorder.Lease.IsFresh(_recorder.Now));
        Assert.True(_recorder.Core.Health.KeepsUp);
        tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, 1), false);
        _recorder.Advance(150);
        Assert.Single(_recorder.Packets(1));

        isHeld = false;
        _recorder.Advance(10);
        Assert.True(_recorder.Lease.IsFresh(_recorder.Now));
    }

    [Fact]
    public void OnRtp_ClosedGate_CopiesNothingAndTellsTheNumbers()
    {
        RecordingTap tap = Begin();
        tap.OnReceipt(_recorder.Now, new Ssrc(1), 0);
        for (ushort n = 1; n <= 30; n++)
        {
            if (n == 11) tap.Gate = TapGate.Paused;
            if (n == 21) tap.Gate = TapGate.Open;
            Assert.True(tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, n, fill: tap.Gate == TapGate.Open ? (byte)1 : (byte)0xEE), false));
        }

        tap.OnReceipt(_recorder.Now, new Ssrc(1), 30);
        MediaTime received = _recorder.Now;
        _recorder.Advance(500);

        Assert.Equal(20, _recorder.Packets(1).Count);
        Assert.DoesNotContain(_recorder.ReadAll(), chunk => chunk.Plain.Contains((byte)0xEE) && chunk.Header.Track == 1
            && chunk.Plain.AsSpan().IndexOf(PacketMaker.Rtp(1, 11, fill: 0xEE).AsSpan(12)) >= 0);
        long now = received.Nanoseconds;
        Assert.Equal(
            [
                """{"ssrc":"00000001","received":0,"archived":0}""",
                $$"""{"event":"withheld","ssrc":"00000001","first":65547,"last":65556,"reason":"paused","fromMonoNs":{{now}},"toMonoNs":{{now}}}""",
                """{"ssrc":"00000001","received":20,"archived":20}""",
            ],
            _recorder.Texts(1));
    }

    [Fact]
    public void OnRtp_PauseOfManyCycles_ExtendsNumbersThroughIt()
    {
        RecordingTap tap = Begin();
        tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, 60_000), false);
        tap.Gate = TapGate.Paused;
        for (int n = 0; n < 100_000; n++) tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, (ushort)(60_001 + n), 1), false);
        tap.Gate = TapGate.Open;
        tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, unchecked((ushort)(60_001 + 100_000))), false);
        _recorder.Stop();
        _recorder.Advance(1_500);

        StreamIndex last = Assert.Single(_recorder.Sink.Segments).Facts.Chunks.SelectMany(chunk => chunk.Streams).Last();
        Assert.Equal(160_001u, last.Last);
    }

    [Fact]
    public void OnRtp_FullRing_IsRefusedCountedAndDeclared()
    {
        RecordingTap tap = Begin();
        int kept = 0;
        for (int n = 0; n < 1_000; n++)
            if (tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, (ushort)n, 1_000), false)) kept++;
        _recorder.Advance(500);

        Assert.InRange(kept, 200, 260);
        Assert.Equal(1_000 - kept, tap.Refused);
        Assert.Equal(1_000 - kept, _recorder.Core.Health.Refused);
        Assert.Equal(kept, _recorder.Packets(1).Count);
        Assert.Contains($$"""{"event":"recorder_fault","track":1,"cause":"overflow","refused":{{1_000 - kept}}}""", _recorder.Texts(0));
    }

    [Fact]
    public void OnRtp_TenThousandPackets_AllocatesNothing()
    {
        RecordingTap tap = Begin();
        byte[] packet = PacketMaker.Rtp(1, 5, 1_100);
        var ring = new CaptureRing(1 << 20);
        var alone = new RecordingTap(ring, 0, TestRecorder.Id, 1, TapGate.Open);
        long bytes = Media.Tests.Allocations.Of(10_000, i =>
        {
            packet[3] = (byte)i;
            alone.OnRtp(new MediaTime(i), packet, false);
            alone.OnReceipt(new MediaTime(i), new Ssrc(1), i);
            while (ring.TryPeek(ring.Written, out RingEntry entry, out _)) ring.Advance(entry);
        });
        Assert.Equal(0, bytes);
        Assert.Equal(0, alone.Refused);
        Assert.NotNull(tap);
    }

    [Fact]
    public void Turn_StalledSync_LosesNothingAndWritesOn()
    {
        RecordingTap tap = Begin();
        _recorder.Advance(1_500);
        _recorder.Sync.IsStalled = true;
        _recorder.Advance(1_000);                              // the next sync is under way and does not end
        for (int n = 0; n < 200; n++)
        {
            Assert.True(tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, (ushort)n, 1_100), false));
            _recorder.Advance(1, 1);
        }

        _recorder.Advance(250);
        Assert.Equal(200, _recorder.Packets(1).Count);         // in the page cache: a killed process loses none of it
        Assert.True(_recorder.Core.Health.KeepsUp);
        _recorder.Advance(2_000);
        Assert.False(_recorder.Core.Health.KeepsUp);           // but nothing is durable for too long
        Assert.False(_recorder.Lease.IsFresh(_recorder.Now));
        _recorder.Sync.IsStalled = false;
        _recorder.Advance(1_500);
        Assert.True(_recorder.Core.Health.KeepsUp);
        _recorder.Disk.LosePower();
        Assert.Equal(200, _recorder.Packets(1).Count);
    }

    [Fact]
    public void Turn_SixtySeconds_CutsASegmentAndDeletesWhatTheLogNeedsNoMore()
    {
        RecordingTap tap = Begin();
        for (int second = 0; second < 200; second++)
        {
            for (int i = 0; i < 10; i++)
            {
                tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, (ushort)(second * 10 + i), 500), false);
                _recorder.Advance(100, 50);
            }
        }

        Assert.Equal([1, 2, 3], _recorder.Sink.Segments.Select(segment => segment.Facts.No));
        Assert.All(_recorder.Sink.Segments, segment => Assert.InRange(segment.Facts.ToMonoNanoseconds - segment.Facts.FromMonoNanoseconds, 59_000_000_000, 60_500_000_000));
        Assert.Equal(0ul, _recorder.Sink.Segments[0].Facts.FirstChunk);
        Assert.Equal(
            _recorder.Sink.Segments[0].Facts.Chunks[^1].Hash.ToArray(), _recorder.Sink.Segments[1].Facts.PreviousHash.ToArray());
        Assert.True(_recorder.Core.Health.LogFiles <= 4, $"{_recorder.Core.Health.LogFiles} files of the log");
        Assert.True(_recorder.Vault.Keys.Count >= 6);          // two tracks, an epoch a minute
        Assert.InRange(_recorder.Packets(1).Count, 1_990, 2_000);
    }

    [Fact]
    public void OnSegment_SignerAndVaultRefuse_TriesAgainAndKeepsTheLog()
    {
        RecordingTap tap = Begin();
        _recorder.Vault.Refusals = 3;
        _recorder.Sink.Refusals = 2;
        tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, 1), false);
        _recorder.Stop("agent left");
        _recorder.Advance(1_500);
        Assert.Empty(_recorder.Sink.Segments);
        Assert.NotNull(_recorder.Core.Health.SegmentFailure);
        _recorder.Advance(10_000);
        Assert.Equal("agent left", Assert.Single(_recorder.Sink.Sealed).EndReason);
        Assert.Equal(0, _recorder.Core.Health.Recordings);
    }

    [Fact]
    public void Write_SegmentFileOfSomebodyElse_IsNeverWrittenOver()
    {
        Begin();
        _recorder.Disk.Put(TestRecorder.Home + "/seg/rec-a/seg-000001.sfuj", [1, 2, 3]);
        _recorder.Stop();
        _recorder.Advance(5_000);
        Assert.Equal(SegmentStep.Conflict, _recorder.Core.Health.SegmentFailure!.Step);
        Assert.Equal([1, 2, 3], _recorder.Disk.Content(TestRecorder.Home + "/seg/rec-a/seg-000001.sfuj"));
        Assert.Empty(_recorder.Sink.Segments);
    }

    [Fact]
    public void Turn_DiskFullThenFree_GoesOnByItselfAndDeclaresNothingLost()
    {
        RecordingTap tap = Begin();
        _recorder.Advance(2_000);
        Assert.True(_recorder.Lease.IsFresh(_recorder.Now));
        _recorder.Disk.Fault = (_, operation) => operation is FileOperation.Write or FileOperation.Allocate
            ? new FileFailure(operation, FileFailure.NoSpace) : default;
        for (int n = 0; n < 100; n++)
        {
            tap.OnRtp(_recorder.Now, PacketMaker.Rtp(1, (ushort)n), false);
            _recorder.Advance(20);
        }

        Assert.False(_recorder.Lease.IsFresh(_recorder.Now));  // within 2 s
        Assert.Equal(FileFailure.NoSpace, _recorder.Core.Health.LogFailure.Errno);
        _recorder.Disk.Fault = null;
        _recorder.Advance(3_000);
        Assert.True(_recorder.Lease.IsFresh(_recorder.Now));
        Assert.False(_recorder.Core.Health.LogFailure.IsFailure);
        _recorder.Disk.LosePower();
        Assert.Equal(100, _recorder.Packets(1).Count);
    }

    private RecordingTap Begin()
    {
        _recorder.Open();
        RecordingTap tap = _recorder.AddTrack();
        _recorder.Advance(20);
        return tap;
    }
}
