using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>What is known of one SSRC: archived by its side indexes, received and sent by what others say.</summary>
/// <remarks>Owned by one <see cref="Completeness"/>; not thread-safe.</remarks>
internal sealed class StreamLedger(uint track, uint ssrc)
{
    private readonly record struct Mark(uint Number, long Clock, long Wall);
    private readonly record struct Totals(long Archived, long Duplicates, long Repaired, ulong Bytes);

    /// <summary>Extra time of a chunk beyond its first record; what a chunk spans at most.</summary>
    private const long ChunkMicroseconds = 250_000;
    private const long DtxMilliseconds = 400;

    private readonly RangeSet _all = new();
    private readonly RangeSet _withheld = new();
    private readonly List<Mark> _marks = [];                 // of the open segment, and the last one before it
    private readonly List<LostRange> _lost = [];             // as their segments closed
    private readonly List<LostRange> _silent = [];
    private RangeSet _segment = new();
    private Totals _total, _open;
    private uint? _before;                                   // highest number of closed segments
    private long _unarchived, _unarchivedBefore;
    private long? _offsetBefore;
    private bool _silence;

    internal uint Track => track;
    internal uint Ssrc => ssrc;
    internal string Codec { get; set; } = "unknown";
    internal int ClockRate { get; set; } = 90_000;
    internal string? Rid { get; set; }
    internal bool IsAudio { get; set; }
    internal SenderCount Sender { get; } = new();
    internal bool HasPackets => _all.Count > 0;
    internal bool HasOpenPackets => _segment.Count > 0;
    internal long Unarchived => _unarchived;
    internal IReadOnlyList<LostRange> Silent => _silent;
    internal IReadOnlyList<SequenceRange> WithheldRanges => _withheld.Ranges;

    /// <summary>Milliseconds of media between the first and the last packet.</summary>
    internal long SpanMilliseconds { get; private set; }

    internal void Add(StreamIndex index, long wall)
    {
        _all.Add(index);
        _segment.Add(index);
        _open = new Totals(_open.Archived + index.Packets, _open.Duplicates + index.Duplicates, _open.Repaired + index.Repaired, _open.Bytes + index.Bytes);
        if (_marks.Count > 0 && index.Last <= _marks[^1].Number) return; // only late packets: no news of the time
        if (_marks.Count > 0) NoteSilence(_marks[^1], index);
        if (_marks.Count == 0 || index.First > _marks[^1].Number) _marks.Add(new Mark(index.First, EstimateFirst(index), wall));
        if (index.Last > _marks[^1].Number) _marks.Add(new Mark(index.Last, index.Clock, Math.Max(wall, WallOf(index))));
    }

    internal void Receipt(long received, long archived) => _unarchived = received - archived;

    internal void Withhold(SequenceRange range) => _withheld.Add(range);

    internal void Sent(uint packetCount)
    {
        if (_all.Count > 0) Sender.Report(packetCount, _all.Ranges[^1].Last);
    }

    internal void Sent(uint packetCount, ushort? before)
    {
        uint highest = _all.Count > 0 ? _all.Ranges[^1].Last : 0;
        if (before is { } number && _all.Count > 0) Sender.Report(packetCount, (uint)(highest + (short)(number - (ushort)highest)));
        else if (before is null && _before is { } earlier) Sender.Report(packetCount, earlier);
    }

    /// <summary>The stream's line in a segment's manifest; begins the next segment.</summary>
    internal StreamEntry CloseSegment()
    {
        SequenceRange span = Span(_segment);
        uint from = _before is { } before ? before + 1 : span.First;
        List<SequenceRange> missing = from <= span.Last ? [.. _segment.Missing(new SequenceRange(from, span.Last))] : [];
        List<SequenceRange> lost = [.. missing.SelectMany(_withheld.Missing)];
        long count = Math.Max(0, (long)span.Last - from + 1);
        long? sent = Sender.IsKnown ? count - Sum(missing) + Sum(lost) + Sender.Drift(_offsetBefore) : null;
        StreamEntry entry = Entry(span, _open, _unarchived - _unarchivedBefore, sent, lost, [.. Without(missing, lost)]);
        _lost.AddRange(lost.Select(Time));
        SpanMilliseconds += _marks.Count < 2 ? 0 : Milliseconds(_marks[^1].Clock - _marks[0].Clock);
        _total = new Totals(_total.Archived + _open.Archived, _total.Duplicates + _open.Duplicates, _total.Repaired + _open.Repaired, _total.Bytes + _open.Bytes);
        (_open, _segment, _unarchivedBefore, _offsetBefore) = (default, new RangeSet(), _unarchived, Sender.Offset);
        _before = Math.Max(_before ?? 0, span.Last);
        if (_marks.Count > 1) _marks.RemoveRange(0, _marks.Count - 1);
        return entry;
    }

    /// <summary>The stream's line in the sealed manifest: late packets have filled what they could.</summary>
    internal StreamEntry Seal()
    {
        SequenceRange span = Span(_all);
        List<SequenceRange> missing = [.. _all.Missing(span)];
        List<SequenceRange> lost = [.. missing.SelectMany(_withheld.Missing)];
        long? sent = Sender.IsKnown ? span.Count - Sum(missing) + Sum(lost) + Sender.Drift(null) : null;
        return Entry(span, _total, _unarchived, sent, lost, [.. Without(missing, lost)]);
    }

    /// <summary>Lost ranges with their times, without what came late.</summary>
    internal IEnumerable<LostRange> Lost() => _lost.SelectMany(lost => _all.Missing(lost.Range)
        .SelectMany(_withheld.Missing)
        .Select(range => range == lost.Range ? lost : lost with { Range = range, Milliseconds = lost.Milliseconds * range.Count / lost.Range.Count }));

    private static SequenceRange Span(RangeSet set) => new(set.Ranges[0].First, set.Ranges[^1].Last);

    private static long Sum(List<SequenceRange> ranges) => ranges.Sum(range => range.Count);

    private static IEnumerable<SequenceRange> Without(List<SequenceRange> missing, List<SequenceRange> lost)
    {
        var rest = new RangeSet();
        foreach (SequenceRange range in lost) rest.Add(range);
        return missing.SelectMany(rest.Missing);
    }

    private StreamEntry Entry(SequenceRange span, Totals totals, long unarchived, long? sent, List<SequenceRange> lost, List<SequenceRange> withheld) => new(
        ssrc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture), Codec, ClockRate, Rid, span.First, span.Last,
        totals.Archived + unarchived, totals.Archived, sent, totals.Duplicates, totals.Repaired, totals.Bytes,
        [.. lost.Select(range => new[] { range.First, range.Last })], [.. withheld.Select(range => new[] { range.First, range.Last })]);

    /// <summary>The clock of a chunk's first packet, from the pace of the stream so far; at its begin from the usual 20 ms of sound in a packet.</summary>
    private long EstimateFirst(StreamIndex index)
    {
        if (index.Last == index.First) return index.Clock;
        if (_marks.Count == 0) return IsAudio ? index.Clock - (long)(index.Last - index.First) * (ClockRate / 50) : index.Clock;
        Mark last = _marks[^1];
        return index.Clock - (long)((index.Clock - last.Clock) * (double)(index.Last - index.First) / (index.Last - last.Number));
    }

    private long WallOf(StreamIndex index)
    {
        if (_marks.Count == 0) return 0;
        long elapsed = Milliseconds(index.Clock - _marks[^1].Clock) * 1000;
        return _marks[^1].Wall + Math.Clamp(elapsed, 0, ChunkMicroseconds);
    }

    /// <summary>Numbers go on and the clock jumps: the codec sent nothing because there was nothing to hear (RFC 6716 section 2.1.9).</summary>
    private void NoteSilence(Mark last, StreamIndex index)
    {
        long elapsed = Milliseconds(index.Clock - last.Clock);
        bool silent = IsAudio && index.First == last.Number + 1 && index.Packets > 0 && elapsed / index.Packets >= DtxMilliseconds - 20;
        if (silent && _silence) _silent[^1] = _silent[^1] with { Milliseconds = _silent[^1].Milliseconds + elapsed };
        else if (silent) _silent.Add(new LostRange(track, ssrc, default, last.Wall, elapsed));
        _silence = silent;
    }

    private LostRange Time(SequenceRange range)
    {
        int above = _marks.FindIndex(mark => mark.Number > range.Last);
        int below = above <= 0 ? -1 : _marks.FindLastIndex(above - 1, mark => mark.Number < range.First);
        if (below < 0) return new LostRange(track, ssrc, range, _marks[^1].Wall, 0);
        Mark from = _marks[below], to = _marks[above];
        double share = (range.First - from.Number) / (double)(to.Number - from.Number);
        long wall = from.Wall + (long)(share * Math.Max(0, to.Wall - from.Wall));
        bool isPaced = to.Clock > from.Clock;                  // not so in the first chunk, of which only the last packet's clock is known
        (long ticks, long numbers) = isPaced ? (to.Clock - from.Clock, to.Number - from.Number) : (_marks[^1].Clock - _marks[0].Clock, _marks[^1].Number - _marks[0].Number);
        long milliseconds = (long)Math.Round(ticks * 1000.0 / ClockRate * range.Count / Math.Max(1, numbers));
        return new LostRange(track, ssrc, range, wall, Math.Max(0, milliseconds));
    }

    private long Milliseconds(long ticks) => ticks * 1000 / ClockRate;
}
