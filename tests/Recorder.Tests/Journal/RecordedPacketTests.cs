using Sfu.Recorder.Journal;
using Sfu.Recorder.Tests.Recordings;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Tests.Journal;

/// <summary>What one more packet of a recorded track costs in memory: nothing.</summary>
[Collection("alone")]
public sealed class RecordedPacketTests
{
    [Fact]
    public void AddRtp_ManyChunksOfPackets_AllocatesNothing()
    {
        var builder = new ChunkBuilder(1);
        byte[] packet = PacketMaker.Rtp(7, 0, 1_160), index = new byte[ChunkFormat.MaxIndex];
        long bytes = Media.Tests.Allocations.Of(10_000, i =>
        {
            if (builder.MustCloseFor(i, packet.Length, 7))
            {
                builder.WriteIndex(index);
                builder.Clear();
            }

            builder.AddRtp(new JournalRecord(RecordType.Rtp, RecordMarks.None, ClockErrorClass.Unknown, i, i, packet), 7, 0x10000u + (uint)i);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void RentChunk_AsManyWaitForASyncAsBefore_NoBufferIsNew()
    {
        const int waiting = 4_000, size = 13_000;
        WalFrame[] Wait() => [.. Enumerable.Range(0, waiting).Select(i => WalFrame.OfChunk(WalFrame.RentChunk(size), size, default, default, null!))];
        foreach (WalFrame frame in Wait()) frame.Release();

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (WalFrame frame in Wait()) frame.Release();

        // The frames themselves; their buffers would be 64 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, waiting * 512);
    }
}
