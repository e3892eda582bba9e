using CsCheck;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Tests.Journal;

public sealed class SideIndexTests
{
    [Fact]
    public void Add_AnyOrderOfNumbers_CountsWhatASetCounts() =>
        Gen.Select(Gen.UInt[0, 3], Gen.UInt[65_000, 66_500]).Array[1, 600].Sample(packets =>
        {
            var builder = new SideIndexBuilder();
            var sets = new Dictionary<uint, SortedSet<uint>>();
            var duplicates = new Dictionary<uint, uint>();
            foreach ((uint ssrc, uint number) in packets)
            {
                if (!sets.ContainsKey(ssrc)) (sets[ssrc], duplicates[ssrc]) = ([], 0);
                bool isLate = sets[ssrc].Count > 0 && number < sets[ssrc].Max;
                bool isNew = sets[ssrc].Add(number);
                if (!isNew) duplicates[ssrc]++;
                Assert.Equal(isNew, builder.Add(ssrc, number, PacketOf(number), number % 7 == 0, out bool late));
                Assert.True(!isNew || late == isLate);
            }

            byte[] index = new byte[builder.Size];
            builder.Write(index);
            Assert.Equal(JournalFailure.None, SideIndex.TryRead(index, out IReadOnlyList<StreamIndex> streams));
            Assert.Equal(sets.Keys.Order(), streams.Select(stream => stream.Ssrc).Order());
            foreach (StreamIndex stream in streams)
            {
                SortedSet<uint> set = sets[stream.Ssrc];
                Assert.Equal((set.Min, set.Max, (uint)set.Count, duplicates[stream.Ssrc]), (stream.First, stream.Last, stream.Packets, stream.Duplicates));
                Assert.Equal((uint)set.Count(n => n % 7 == 0), stream.Repaired);
                Assert.Equal((ulong)set.Count * 12, stream.Bytes);
                Assert.Equal((uint)Clock(stream.Last), (uint)stream.Clock);      // where the count of wraps begins depends on the first packet
                Assert.Equal(
                    Enumerable.Range((int)stream.First, (int)(stream.Last - stream.First + 1)).Select(n => (uint)n).Where(n => !set.Contains(n)),
                    stream.Holes.SelectMany(hole => Enumerable.Range((int)hole.First, (int)hole.Count).Select(n => (uint)n)));
            }
        }, iter: 300);

    [Fact]
    public void Add_DuplicateWithoutAPacket_CountsInTheNextEntry()
    {
        var builder = new SideIndexBuilder();
        builder.Add(1, 70_000, PacketOf(70_000), false, out _);
        builder.Clear();
        Assert.False(builder.Add(1, 70_000, PacketOf(70_000), false, out _));
        Assert.Equal(0, builder.Size);
        builder.Add(1, 70_001, PacketOf(70_001), false, out _);
        byte[] index = new byte[builder.Size];
        builder.Write(index);

        Assert.Equal(JournalFailure.None, SideIndex.TryRead(index, out IReadOnlyList<StreamIndex> streams));
        StreamIndex stream = Assert.Single(streams);
        Assert.Equal((70_001u, 1u, 1u), (stream.First, stream.Packets, stream.Duplicates));
        Assert.Equal(2, builder.StoredOf(1));
    }

    [Fact]
    public void Add_OlderThanTheWindow_IsStoredRatherThanLost()
    {
        var builder = new SideIndexBuilder();
        Assert.True(builder.Add(1, 100_000, PacketOf(100_000), false, out _));
        Assert.True(builder.Add(1, 100_000 - StreamWindow.Size, PacketOf(0), false, out bool isLate));
        Assert.True(isLate);
    }

    [Fact]
    public void Add_EndlesslyManyStreams_KeepsABoundedNumber()
    {
        var builder = new SideIndexBuilder();
        for (uint ssrc = 0; ssrc < 10_000; ssrc++)
        {
            if (builder.IsFullFor(ssrc)) builder.Clear();
            Assert.True(builder.Add(ssrc, 65_536, PacketOf(1), false, out _));
        }

        builder.Clear();
        Assert.False(builder.Add(9_999, 65_536, PacketOf(1), false, out _));       // remembered
        Assert.True(builder.Add(1, 65_536, PacketOf(1), false, out _));            // forgotten
    }

    [Fact]
    public void TryRead_CutOrContradicting_Refuses()
    {
        var builder = new SideIndexBuilder();
        foreach (uint number in new uint[] { 70_000, 70_002, 70_010 }) builder.Add(1, number, PacketOf(number), false, out _);
        byte[] index = new byte[builder.Size];
        builder.Write(index);
        for (int cut = 1; cut < index.Length; cut++)
            Assert.NotEqual(JournalFailure.None, SideIndex.TryRead(index.AsSpan(0, cut), out _));
        foreach (int at in new[] { 0, 2, 8, 12, 16, 44, 46, 48, 52 })              // counts, ends and holes
        {
            byte[] changed = [.. index];
            changed[at] ^= 0x40;
            Assert.NotEqual(JournalFailure.None, SideIndex.TryRead(changed, out _));
        }
    }

    /// <summary>A header whose time stamp wraps in the middle of the numbers that are used.</summary>
    private static byte[] PacketOf(uint number)
    {
        byte[] packet = new byte[12];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)Clock(number));
        return packet;
    }

    private static long Clock(uint number) => 0xFFFF_0000L + (number - 65_000L) * 960;
}
