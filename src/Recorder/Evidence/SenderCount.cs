namespace Sfu.Recorder.Evidence;

/// <summary>What one sender's reports say it sent, carried to any sequence number (S of RECORDING.md section 6).</summary>
/// <remarks>
/// A report's packet count (RFC 3550 section 6.4.1) minus the highest number received by then is constant for a sender that numbers
/// what it sends, but for packets that were lost or overtaken just before the report: these only raise it. So the least of the last
/// few reports is the true offset, and S between two numbers is their distance plus how far the offset moved.
/// </remarks>
internal sealed class SenderCount
{
    private const int Window = 8, BaseWindow = 3;

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
        if (_reports <= BaseWindow) _base = Least();
    }

    /// <summary>How far the sender's count moved against its numbers since a mark.</summary>
    /// <param name="mark">An earlier <see cref="Offset"/>, or null for the first reports.</param>
    internal long Drift(long? mark) => Offset - (mark ?? _base) ?? 0;

    /// <summary>Count minus number, now.</summary>
    internal long? Offset => _reports == 0 ? null : Least();

    private long Least() => _offsets.AsSpan(0, (int)Math.Min(_reports, Window)).ToArray().Min();
}
