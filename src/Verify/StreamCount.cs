namespace Sfu.Verify;

/// <summary>What the side indexes of some chunks say about one stream.</summary>
internal sealed class StreamCount
{
    internal long Archived { get; private set; }
    internal long Duplicates { get; private set; }
    internal long Repaired { get; private set; }
    internal ulong Bytes { get; private set; }
    internal uint First { get; private set; } = uint.MaxValue;
    internal uint Last { get; private set; }

    /// <summary>Numbers that are there; normal only after <see cref="Span32.Normalize"/>.</summary>
    internal List<Span32> Spans { get; } = [];

    internal void Add(in SideIndex entry)
    {
        Count(entry.Packets, entry.Duplicates, entry.Repaired, entry.Bytes, entry.First, entry.Last);
        entry.AddTo(Spans);
    }

    internal void Add(StreamCount other)
    {
        Count(other.Archived, other.Duplicates, other.Repaired, other.Bytes, other.First, other.Last);
        foreach (Span32 span in other.Spans)
        {
            if (Spans.Count > 0 && span.First > Spans[^1].Last && span.First - 1 == Spans[^1].Last) Spans[^1] = new Span32(Spans[^1].First, span.Last);
            else Spans.Add(span);
        }
    }

    private void Count(long archived, long duplicates, long repaired, ulong bytes, uint first, uint last)
    {
        unchecked
        {
            Archived += archived;
            Duplicates += duplicates;
            Repaired += repaired;
            Bytes += bytes;
        }
        First = Math.Min(First, first);
        Last = Math.Max(Last, last);
    }
}
