using System.Runtime.InteropServices;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>A set of extended sequence numbers, kept as ascending ranges that neither overlap nor touch.</summary>
/// <remarks>Adding at the end, as live media does, is constant work; a late packet costs a binary search and a move.</remarks>
public sealed class RangeSet
{
    private readonly List<SequenceRange> _ranges = [];

    /// <summary>The ranges, ascending.</summary>
    public IReadOnlyList<SequenceRange> Ranges => _ranges;

    /// <summary>How many numbers are in it.</summary>
    public long Count { get; private set; }

    /// <summary>Adds all numbers of a range.</summary>
    public void Add(SequenceRange range)
    {
        int at = FirstTouching(range.First);
        int end = at;
        uint first = range.First, last = range.Last;
        for (; end < _ranges.Count && _ranges[end].First <= (ulong)last + 1; end++)
        {
            first = Math.Min(first, _ranges[end].First);
            last = Math.Max(last, _ranges[end].Last);
            Count -= _ranges[end].Count;
        }
        var merged = new SequenceRange(first, last);
        Count += merged.Count;
        if (end == at) { _ranges.Insert(at, merged); return; }
        CollectionsMarshal.AsSpan(_ranges)[at] = merged;
        _ranges.RemoveRange(at + 1, end - at - 1);
    }

    /// <summary>Adds what a chunk says it has of a stream: its range without its holes.</summary>
    public void Add(StreamIndex index)
    {
        uint from = index.First;
        foreach (SequenceRange hole in index.Holes)
        {
            Add(new SequenceRange(from, hole.First - 1));
            from = hole.Last + 1;
        }
        Add(new SequenceRange(from, index.Last));
    }

    /// <summary>True when the number is in it.</summary>
    public bool Contains(uint number)
    {
        int at = FirstTouching(number);
        return at < _ranges.Count && _ranges[at].First <= number && number <= _ranges[at].Last
            || at + 1 < _ranges.Count && _ranges[at + 1].First <= number && number <= _ranges[at + 1].Last;
    }

    /// <summary>The numbers of a range that are not in the set, ascending.</summary>
    public IEnumerable<SequenceRange> Missing(SequenceRange within)
    {
        ulong from = within.First;
        for (int at = FirstTouching(within.First); at < _ranges.Count && _ranges[at].First <= within.Last; at++)
        {
            if (_ranges[at].First > from) yield return new SequenceRange((uint)from, _ranges[at].First - 1);
            from = Math.Max(from, (ulong)_ranges[at].Last + 1);
        }
        if (from <= within.Last) yield return new SequenceRange((uint)from, within.Last);
    }

    /// <summary>The first range that ends at or behind the number before <paramref name="number"/>.</summary>
    private int FirstTouching(uint number)
    {
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if ((ulong)_ranges[middle].Last + 1 < number) low = middle + 1; else high = middle;
        }
        return low;
    }
}
