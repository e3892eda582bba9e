using static System.Buffers.Binary.BinaryPrimitives;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Journal;

/// <summary>What the chunk that is being built holds of one SSRC.</summary>
/// <remarks>Owned by the recorder's thread; used again for later chunks.</remarks>
internal sealed class SideIndexEntry
{
    private readonly SequenceRanges _ranges = new();
    private uint _last, _packets, _repaired;
    private ulong _bytes;
    private long _clock;

    /// <summary>The stream; set by <see cref="Reset"/>.</summary>
    internal StreamWindow Window { get; private set; } = new(0);

    /// <summary>Bytes of this entry in the index.</summary>
    internal int Size => SideIndex.EntrySize + SideIndex.HoleSize * (_ranges.Ranges.Length - 1);

    /// <summary>Begins a new chunk.</summary>
    internal void Reset(StreamWindow window)
    {
        Window = window;
        _ranges.Clear();
        _last = _packets = _repaired = 0;
        _bytes = 0;
        _clock = 0;
    }

    /// <summary>Counts a stored packet.</summary>
    internal void Add(uint number, int bytes, bool isRepaired, long clock)
    {
        _ranges.Add(number, number);
        if (_packets == 0 || number > _last)
        {
            _last = number;
            _clock = clock;
        }

        _packets++;
        if (isRepaired) _repaired++;
        _bytes += (uint)bytes;
    }

    /// <summary>Writes the entry, which has at least one packet; the stream's duplicates are counted in it.</summary>
    /// <returns>Bytes written, <see cref="Size"/>.</returns>
    internal int Write(Span<byte> to)
    {
        ReadOnlySpan<SequenceRange> ranges = _ranges.Ranges;
        WriteUInt32LittleEndian(to, Window.Ssrc);
        WriteUInt32LittleEndian(to[4..], ranges[0].First);
        WriteUInt32LittleEndian(to[8..], _last);
        WriteUInt32LittleEndian(to[12..], _packets);
        WriteUInt32LittleEndian(to[16..], _repaired);
        WriteUInt32LittleEndian(to[20..], Window.TakeDuplicates());
        WriteUInt64LittleEndian(to[24..], _bytes);
        WriteInt64LittleEndian(to[32..], _clock);
        WriteUInt32LittleEndian(to[40..], (uint)ranges.Length - 1);   // u16 holes, u16 0
        for (int i = 1; i < ranges.Length; i++)
            WriteHole(to[(SideIndex.EntrySize + (i - 1) * SideIndex.HoleSize)..], ranges[i - 1].Last + 1, ranges[i].First - 1);
        return Size;
    }

    private static void WriteHole(Span<byte> to, uint first, uint last)
    {
        WriteUInt32LittleEndian(to, first);
        WriteUInt32LittleEndian(to[4..], last);
    }
}
