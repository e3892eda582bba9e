namespace Sfu.Recorder.Evidence;

/// <summary>What one sender's reports say it sent, carried to any sequence number (S of RECORDING.md section 6).</summary>
/// <remarks>
/// A report's packet count (RFC 3550 section 6.4.1) minus the highest number received by then is constant for a sender that numbers what it
/// sends. Packets that were lost or overtaken just before a report raise it, a report that was overtaken lowers it: one of the least of the
/// last few is the true offset. Where it falls in the course of time, the sender skipped numbers without sending them. Where it rises, it
/// sent something again: browsers count retransmissions and probes of the RTX stream (RFC 4588), and those on the stream itself, with the
/// stream. They have no number of their own in it, so they are no part of S.
/// </remarks>
internal sealed class SenderCount
{
    private const int Window = 8, BaseWindow = 4;

    private readonly long[] _offsets = new long[Window];
    private long _reports;
    private uint _lastCount;
    private long _count;
    private long? _base;

    /// <summary>True once a report came.</summary>
    internal bool IsKnown => _reports > 0;

    /// <summary>Takes a report.</summary>
    /// <param name="packetCount">The sender's packet count, 32 bits that wrap.</param>
    /// <param name="highest">Highest extended sequence number received by then.</param>
    internal void Report(uint packetCount, uint highest)
    {
        _count = _reports == 0 ? packetCount : _count + (int)(packetCount - _lastCount);
        _lastCount = packetCount;
        _offsets[_reports++ % Window] = _count - highest;
        if (_reports <= BaseWindow) _base = Least(0);
    }

    /// <summary>How many numbers the sender skipped since a mark, as a negative number; 0 when it sent all.</summary>
    /// <param name="mark">An earlier <see cref="Offset"/>, or null for the first reports.</param>
    internal long Drift(long? mark) => Math.Min(0, Offset - (mark ?? _base) ?? 0);

    /// <summary>Count minus number, now.</summary>
    internal long? Offset => _reports == 0 ? null : Least(_reports > BaseWindow ? 1 : 0);

    /// <summary>The least of the last reports but some.</summary>
    private long Least(int but)
    {
        Span<long> offsets = stackalloc long[Window];
        int count = (int)Math.Min(_reports, Window);
        _offsets.AsSpan(0, count).CopyTo(offsets);
        offsets = offsets[..count];
        offsets.Sort();
        return offsets[but];
    }
}
