using System.Runtime.InteropServices;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Journal;

/// <summary>A set of extended sequence numbers as ascending ranges that do not touch.</summary>
/// <remarks>Owned by one thread. Grows with the holes between the numbers, never with the numbers.</remarks>
internal sealed class SequenceRanges
{
    private readonly List<SequenceRange> _ranges = [];

    /// <summary>The ranges, ascending.</summary>
    internal ReadOnlySpan<SequenceRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    /// <summary>Forgets all.</summary>
    internal void Clear() => _ranges.Clear();

    /// <summary>Adds some numbers, known or not.</summary>
    internal void Add(uint first, uint last)
    {
        if (_ranges.Count > 0 && _ranges[^1] is { } end && first >= end.First)
        {
            if (first <= (ulong)end.Last + 1) _ranges[^1] = end with { Last = Math.Max(end.Last, last) };
            else _ranges.Add(new SequenceRange(first, last));
            return;
        }

        Insert(first, last);
    }

    /// <summary>Numbers between the lowest and the highest that are not in the set, ascending.</summary>
    internal List<SequenceRange> Holes()
    {
        var holes = new List<SequenceRange>();
        for (int i = 1; i < _ranges.Count; i++) holes.Add(new SequenceRange(_ranges[i - 1].Last + 1, _ranges[i].First - 1));
        return holes;
    }

    /// <summary>What came out of order goes between, and joins what it touches.</summary>
    private void Insert(uint first, uint last)
    {
        int at = 0, end = _ranges.Count;
        while (at < end)                                       // the first range that does not end before it
        {
            int middle = (at + end) >> 1;
            if ((ulong)_ranges[middle].Last + 1 < first) at = middle + 1; else end = middle;
        }

        int joined = at;
        for (; joined < _ranges.Count && _ranges[joined].First <= (ulong)last + 1; joined++)
        {
            first = Math.Min(first, _ranges[joined].First);
            last = Math.Max(last, _ranges[joined].Last);
        }

        _ranges.RemoveRange(at, joined - at);
        _ranges.Insert(at, new SequenceRange(first, last));
    }
}
