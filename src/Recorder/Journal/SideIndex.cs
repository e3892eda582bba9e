using Sfu.Recorder.Segments;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sfu.Recorder.Journal;

/// <summary>The clear index of a chunk (docs/evidence.md section 3): reading it.</summary>
public static class SideIndex
{
    internal const int HeadSize = 4;
    internal const int EntrySize = 44;
    internal const int HoleSize = 8;

    /// <summary>Reads an index and checks that it does not contradict itself.</summary>
    /// <param name="index">Hostile bytes; none at all is an empty index.</param>
    /// <param name="streams">Its entries; empty on failure.</param>
    public static JournalFailure TryRead(ReadOnlySpan<byte> index, out IReadOnlyList<StreamIndex> streams)
    {
        streams = [];
        if (index.IsEmpty) return JournalFailure.None;
        if (index.Length < HeadSize) return JournalFailure.Truncated;
        int entries = ReadUInt16LittleEndian(index);
        if (ReadUInt16LittleEndian(index[2..]) != 0 || entries > (index.Length - HeadSize) / EntrySize) return JournalFailure.BadIndex;
        ReadOnlySpan<byte> rest = index[HeadSize..];
        var found = new List<StreamIndex>(entries);
        for (int i = 0; i < entries; i++)
        {
            JournalFailure failure = TryTake(ref rest, out StreamIndex? stream);
            if (failure != JournalFailure.None) return failure;
            found.Add(stream!);
        }

        if (!rest.IsEmpty) return JournalFailure.BadIndex;
        streams = found;
        return JournalFailure.None;
    }

    private static JournalFailure TryTake(ref ReadOnlySpan<byte> rest, out StreamIndex? stream)
    {
        stream = null;
        if (rest.Length < EntrySize) return JournalFailure.Truncated;
        int holes = ReadUInt16LittleEndian(rest[40..]);
        uint first = ReadUInt32LittleEndian(rest[4..]), last = ReadUInt32LittleEndian(rest[8..]), packets = ReadUInt32LittleEndian(rest[12..]);
        if (ReadUInt16LittleEndian(rest[42..]) != 0 || first > last) return JournalFailure.BadIndex;
        if (holes > (rest.Length - EntrySize) / HoleSize) return JournalFailure.Truncated;
        var list = new SequenceRange[holes];
        long missing = 0, before = -1L + first;
        for (int i = 0; i < holes; i++)
        {
            ReadOnlySpan<byte> hole = rest[(EntrySize + i * HoleSize)..];
            list[i] = new SequenceRange(ReadUInt32LittleEndian(hole), ReadUInt32LittleEndian(hole[4..]));
            if (list[i].First <= before || list[i].Last < list[i].First || list[i].Last > last) return JournalFailure.BadIndex;
            before = list[i].Last;
            missing += list[i].Count;
        }

        if ((long)last - first + 1 - missing != packets) return JournalFailure.BadIndex;
        stream = new StreamIndex(
            ReadUInt32LittleEndian(rest), first, last, packets, ReadUInt32LittleEndian(rest[16..]), ReadUInt32LittleEndian(rest[20..]),
            ReadUInt64LittleEndian(rest[24..]), ReadInt64LittleEndian(rest[32..]), list);
        rest = rest[(EntrySize + holes * HoleSize)..];
        return JournalFailure.None;
    }
}
