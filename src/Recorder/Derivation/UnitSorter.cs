namespace Sfu.Recorder.Derivation;

/// <summary>Puts units into the order of capture and merges streams: late packets, RED and streams that take turns come out of order.</summary>
internal static class UnitSorter
{
    private const long Patience = 3_000_000_000;       // ns: the assembler waits 2 s for a hole, retransmissions less
    private const int MaxWaiting = 20_000;

    /// <summary>Sorts a stream that is nearly in order: a unit leaves when one three seconds newer came.</summary>
    internal static IEnumerable<EncodedUnit> Sort(IEnumerable<EncodedUnit> units)
    {
        var waiting = new PriorityQueue<EncodedUnit, (long At, long Number)>();
        long newest = long.MinValue, number = 0;
        foreach (EncodedUnit unit in units)
        {
            waiting.Enqueue(unit, (unit.At, number++));
            newest = Math.Max(newest, unit.At);
            while (waiting.TryPeek(out _, out var first) && (newest - first.At > Patience || waiting.Count > MaxWaiting)) yield return waiting.Dequeue();
        }
        while (waiting.TryDequeue(out EncodedUnit? left, out _)) yield return left;
    }

    /// <summary>Merges streams that are in order each.</summary>
    internal static IEnumerable<(int Stream, EncodedUnit Unit)> Merge(IReadOnlyList<IEnumerable<EncodedUnit>> streams)
    {
        IEnumerator<EncodedUnit>[] readers = [.. streams.Select(stream => stream.GetEnumerator())];
        try
        {
            var next = new PriorityQueue<int, (long At, int Stream)>();
            for (int i = 0; i < readers.Length; i++)
                if (readers[i].MoveNext()) next.Enqueue(i, (readers[i].Current.At, i));
            while (next.TryDequeue(out int stream, out _))
            {
                yield return (stream, readers[stream].Current);
                if (readers[stream].MoveNext()) next.Enqueue(stream, (readers[stream].Current.At, stream));
            }
        }
        finally
        {
            foreach (IEnumerator<EncodedUnit> reader in readers) reader.Dispose();
        }
    }
}
