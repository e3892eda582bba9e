namespace Sfu.Verify;

/// <summary>Counts packets from the side indexes and compares them with what manifests say.</summary>
internal sealed class Recount
{
    /// <summary>Streams and ranges that are held in memory: 64 MiB. Beyond them the recount is given up, and says so.</summary>
    internal const int MaxStreams = 100_000, MaxSpans = 8_000_000;

    private readonly Dictionary<(uint Track, uint Ssrc), StreamCount> _total = [];
    private Dictionary<(uint Track, uint Ssrc), StreamCount> _segment = [];
    private long _spans;

    /// <summary>True when there were more streams or holes than memory is spent on.</summary>
    internal bool IsGivenUp { get; private set; }

    internal long Packets => _total.Values.Sum(stream => stream.Archived);

    /// <summary>Takes the side index of a chunk. False when it is malformed.</summary>
    internal bool Add(in Chunk chunk)
    {
        var index = new SideIndex(chunk.Index);
        if (!index.Begin() || chunk.Track == 0 && !index.IsWhole) return false;
        while (index.Next())
        {
            if (IsGivenUp) continue;
            (uint, uint) key = (chunk.Track, index.Ssrc);
            if (!_segment.TryGetValue(key, out StreamCount? stream)) _segment.Add(key, stream = new StreamCount());
            int before = stream.Spans.Count;
            stream.Add(index);
            _spans += stream.Spans.Count - before;
            if (_spans > MaxSpans || _segment.Count + _total.Count > MaxStreams) GiveUp();
        }
        return index.IsWhole;
    }

    /// <summary>Compares the open segment with its manifest.</summary>
    /// <returns>What differs, or null.</returns>
    internal string? Compare(IReadOnlyList<StreamLine> manifest)
    {
        if (IsGivenUp) return null;
        foreach (StreamCount stream in _segment.Values) Span32.Normalize(stream.Spans);
        return Compare(manifest, _segment, (key, stream) => _total.TryGetValue(key, out StreamCount? earlier) ? (ulong)earlier.Last + 1 : stream.First);
    }

    /// <summary>Compares the whole recording with the sealed manifest.</summary>
    internal string? CompareTotal(IReadOnlyList<StreamLine> manifest)
    {
        if (IsGivenUp) return null;
        foreach (StreamCount stream in _total.Values) Span32.Normalize(stream.Spans);
        return Compare(manifest, _total, (_, stream) => stream.First);
    }

    /// <summary>Adds the open segment to the whole and begins the next.</summary>
    internal void Close()
    {
        foreach (((uint, uint) key, StreamCount stream) in _segment)
        {
            if (_total.TryGetValue(key, out StreamCount? total)) total.Add(stream); else _total.Add(key, stream);
        }
        _segment = [];
    }

    private static string? Compare(
        IReadOnlyList<StreamLine> lines, Dictionary<(uint, uint), StreamCount> counted, Func<(uint, uint), StreamCount, ulong> missingFrom)
    {
        var seen = new HashSet<(uint, uint)>();
        foreach (StreamLine line in lines)
        {
            (uint, uint) key = (line.Track, line.Ssrc);
            if (!seen.Add(key)) return $"{line.Name} is listed twice";
            if (!counted.TryGetValue(key, out StreamCount? count)) return $"{line.Name} is in no chunk";
            if (Differs(line, count) is { } what) return $"{line.Name}: {what}";
            List<Span32> missing = Span32.Missing(count.Spans, missingFrom(key, count), count.Last);
            List<Span32> said = [.. line.Lost, .. line.Withheld];
            long sum = Span32.Sum(said);
            Span32.Normalize(said);
            if (sum != Span32.Sum(said) || !said.SequenceEqual(missing)) return $"{line.Name}: {Span32.Sum(missing)} numbers are missing, the manifest names others ({sum})";
        }
        foreach ((uint track, uint ssrc) in counted.Keys)
        {
            if (!seen.Contains((track, ssrc))) return $"track {track} ssrc {ssrc:x8} is not listed";
        }
        return null;
    }

    private static string? Differs(StreamLine line, StreamCount count)
    {
        if (line.FirstSeq != count.First || line.LastSeq != count.Last)
            return $"numbers {count.First} to {count.Last}, the manifest says {line.FirstSeq} to {line.LastSeq}";
        if (line.Archived != count.Archived) return $"{count.Archived} packets are archived, the manifest says {line.Archived}";
        return line.Duplicates != count.Duplicates || line.Repaired != count.Repaired || line.Bytes != count.Bytes ? "bytes, duplicates or repairs differ" : null;
    }

    private void GiveUp()
    {
        IsGivenUp = true;
        _total.Clear();
        _segment.Clear();
    }
}
