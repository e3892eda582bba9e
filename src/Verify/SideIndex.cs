using System.Buffers.Binary;

namespace Sfu.Verify;

/// <summary>Reads a side index in place (docs/evidence.md section 3): one entry after the other, each checked before it is believed.</summary>
internal ref struct SideIndex(ReadOnlySpan<byte> bytes)
{
    private const int EntrySize = 44, HoleSize = 8;

    private ReadOnlySpan<byte> _rest = bytes;
    private int _left;

    internal uint Ssrc { get; private set; }
    internal uint First { get; private set; }
    internal uint Last { get; private set; }
    internal uint Packets { get; private set; }
    internal uint Repaired { get; private set; }
    internal uint Duplicates { get; private set; }
    internal ulong Bytes { get; private set; }

    private ReadOnlySpan<byte> _holes;

    /// <summary>Reads how many entries follow. False when the index is malformed.</summary>
    internal bool Begin()
    {
        if (_rest.IsEmpty) return true;
        if (_rest.Length < 4 || U16(2) != 0) return false;
        _left = U16(0);
        _rest = _rest[4..];
        return true;
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>True for an entry; false at the end or when malformed, see <see cref="IsWhole"/>.</returns>
    internal bool Next()
    {
        if (_left == 0 || _rest.Length < EntrySize) return false;
        int holes = U16(40);
        if (U16(42) != 0 || _rest.Length < EntrySize + holes * HoleSize) return false;
        (Ssrc, First, Last, Packets, Repaired, Duplicates) = (U32(0), U32(4), U32(8), U32(12), U32(16), U32(20));
        Bytes = BinaryPrimitives.ReadUInt64LittleEndian(_rest[24..]);
        _holes = _rest.Slice(EntrySize, holes * HoleSize);
        if (!IsConsistent()) return false;
        _rest = _rest[(EntrySize + holes * HoleSize)..];
        _left--;
        return true;
    }

    /// <summary>All entries were read and nothing follows.</summary>
    internal readonly bool IsWhole => _left == 0 && _rest.IsEmpty;

    /// <summary>Adds the numbers of the entry to a list of ranges.</summary>
    internal readonly void AddTo(List<Span32> spans)
    {
        uint from = First;
        for (int at = 0; at < _holes.Length; at += HoleSize)
        {
            Append(spans, new Span32(from, BinaryPrimitives.ReadUInt32LittleEndian(_holes[at..]) - 1));
            from = BinaryPrimitives.ReadUInt32LittleEndian(_holes[(at + 4)..]) + 1;
        }
        Append(spans, new Span32(from, Last));
    }

    /// <summary>Holes ascend between first and last, and what they leave is as many as the packets.</summary>
    private readonly bool IsConsistent()
    {
        if (First > Last || Repaired > Packets) return false;
        long count = (long)Last - First + 1;
        uint before = First;                                   // the last number that must be there
        for (int at = 0; at < _holes.Length; at += HoleSize)
        {
            uint from = BinaryPrimitives.ReadUInt32LittleEndian(_holes[at..]), to = BinaryPrimitives.ReadUInt32LittleEndian(_holes[(at + 4)..]);
            if (from <= before || to < from || to >= Last) return false;
            count -= (long)to - from + 1;
            before = to + 1;
        }
        return count == Packets;
    }

    private static void Append(List<Span32> spans, Span32 span)
    {
        if (spans.Count > 0 && spans[^1].Last != uint.MaxValue && spans[^1].Last + 1 == span.First) spans[^1] = new Span32(spans[^1].First, span.Last);
        else spans.Add(span);
    }

    private readonly ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_rest[at..]);

    private readonly uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_rest[at..]);
}
