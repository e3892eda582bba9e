namespace Sfu.Verify;

/// <summary>Extended sequence numbers from one to another, both included.</summary>
internal readonly record struct Span32(uint First, uint Last)
{
    internal long Count => (long)Last - First + 1;

    /// <summary>Sorts and merges: ascending ranges that neither overlap nor touch.</summary>
    internal static void Normalize(List<Span32> spans)
    {
        spans.Sort((a, b) => a.First.CompareTo(b.First));
        int kept = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            if (kept > 0 && spans[i].First <= (ulong)spans[kept - 1].Last + 1)
                spans[kept - 1] = new Span32(spans[kept - 1].First, Math.Max(spans[kept - 1].Last, spans[i].Last));
            else
                spans[kept++] = spans[i];
        }
        spans.RemoveRange(kept, spans.Count - kept);
    }

    /// <summary>What normal ranges lack of [from, to].</summary>
    internal static List<Span32> Missing(List<Span32> normal, ulong from, uint to)
    {
        var missing = new List<Span32>();
        foreach (Span32 span in normal)
        {
            if (span.Last < from) continue;
            if (span.First > to) break;
            if (span.First > from) missing.Add(new Span32((uint)from, span.First - 1));
            from = (ulong)span.Last + 1;
        }
        if (from <= to) missing.Add(new Span32((uint)from, to));
        return missing;
    }

    /// <summary>How many numbers ranges hold, each counted as often as it stands there.</summary>
    internal static long Sum(IEnumerable<Span32> spans)
    {
        long sum = 0;
        foreach (Span32 span in spans) sum += span.Count;
        return sum;
    }
}
