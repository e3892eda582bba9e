namespace Sfu.Router.Consumers;

/// <summary>What became of an incoming number.</summary>
internal enum MappedNumber : byte
{
    /// <summary>It has an outgoing number.</summary>
    Mapped,

    /// <summary>It was left out: the numbers behind it closed up.</summary>
    LeftOut,

    /// <summary>It is from before the source began, or too late to know.</summary>
    TooOld,
}

/// <summary>Maps the numbers of one source (packets, or pictures) to outgoing ones without holes: left-out numbers close up,
/// numbers that are only late keep their place.</summary>
/// <remarks>Owned by one consumer. The last 64 changes of the offset are remembered, so a late number gets what it would have got in time.
/// The newest one is in the <see cref="NumberLine"/>, which lies with what every packet needs; each call is given the same one.</remarks>
internal sealed class NumberMap
{
    /// <summary>A source that jumps ahead further than this does not leave a hole of that size: nobody would fill it.</summary>
    internal const int MaxGap = 1000;

    private const int MaxRanges = 64;
    private const int FirstRanges = 4;                     // a track that nothing is left out of needs one

    private Range[] _ranges = new Range[FirstRanges];
    private int _count;
    private int _newest;

    /// <summary>A source was begun.</summary>
    internal bool IsStarted => _count > 0;

    /// <summary>Begins a source: its number <paramref name="incoming"/> becomes <paramref name="outgoing"/>; older ones are too old.</summary>
    internal void Start(ref NumberLine line, long incoming, long outgoing)
    {
        _count = 1;
        _newest = 0;
        line.Highest = incoming - 1;
        line.Offset = outgoing - incoming;
        _ranges[0] = new Range(incoming, incoming, line.Offset);
    }

    /// <summary>Maps a number that is to be sent; the same one always gets the same answer.</summary>
    internal MappedNumber Map(ref NumberLine line, long incoming, out long outgoing)
    {
        if (incoming <= line.Highest) return Find(line, incoming, out outgoing);
        if (!line.Follows(incoming)) Append(ref line, line.Highest + 1, incoming, line.HighestOutgoing + 1 - incoming);
        outgoing = line.Advance(incoming);
        return MappedNumber.Mapped;
    }

    /// <summary>Says what an earlier number became; <see cref="MappedNumber.TooOld"/> for one that was never reached.</summary>
    internal MappedNumber Find(in NumberLine line, long incoming, out long outgoing)
    {
        outgoing = 0;
        if (incoming > line.Highest) return MappedNumber.TooOld;
        for (int i = 0; i < _count; i++)
        {
            ref readonly Range range = ref _ranges[(_newest - i) & (_ranges.Length - 1)];
            if (incoming < range.From) continue;
            outgoing = incoming + range.Offset;
            return incoming < range.Start ? MappedNumber.LeftOut : MappedNumber.Mapped;
        }

        return MappedNumber.TooOld;
    }

    /// <summary>Leaves a number out, if it is newer than all so far.</summary>
    /// <returns>False when it is late: then its place is reserved already (or it was left out before).</returns>
    internal bool TryLeaveOut(ref NumberLine line, long incoming)
    {
        if (incoming <= line.Highest) return false;
        ref Range newest = ref _ranges[_newest];
        if (!line.Follows(incoming)) Append(ref line, line.Highest + 1, incoming + 1, line.HighestOutgoing - incoming);
        else if (incoming == line.Highest + 1 && newest.Start == incoming)
            newest = new Range(newest.From, incoming + 1, line.Offset = newest.Offset - 1);
        else Append(ref line, incoming, incoming + 1, newest.Offset - 1);
        line.Highest = incoming;                           // places of numbers not seen in between stay reserved
        return true;
    }

    private void Append(ref NumberLine line, long from, long start, long offset)
    {
        // It goes round only when it may not grow any more: until then the newest range is the last one.
        if (_count == _ranges.Length && _count < MaxRanges) Array.Resize(ref _ranges, _count * 2);
        _newest = (_newest + 1) & (_ranges.Length - 1);
        _ranges[_newest] = new Range(from, start, line.Offset = offset);
        if (_count < _ranges.Length) _count++;
    }

    /// <summary>Numbers from Start on, up to the next range's From, have this offset; those from From to Start were left out.</summary>
    private readonly record struct Range(long From, long Start, long Offset);
}
