using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Recorder.Timeline;

/// <summary>Maps the RTP time stamps of one stream to the sender's wall clock, from its sender reports (RFC 3550 section 6.4.1).</summary>
/// <remarks>
/// Before the first report the first packet's arrival stands in for its capture; <see cref="IsExact"/> says which it is.
/// Afterwards the newest report anchors the mapping and the nominal clock rate carries it: two-point fits over hours belong to
/// the derivation, which sees all reports. Owned by one reader; not thread-safe.
/// </remarks>
/// <param name="clockRate">RTP clock of the codec in Hz; at least 1.</param>
public sealed class SenderClock(int clockRate)
{
    private readonly int _clockRate = clockRate > 0 ? clockRate : throw new ArgumentOutOfRangeException(nameof(clockRate));
    private RtpTimestamp _anchor;
    private long _anchorUnixNanoseconds;
    private bool _anchored;

    /// <summary>True once a sender report anchored the mapping.</summary>
    public bool IsExact { get; private set; }

    /// <summary>Anchors the mapping at a packet's arrival, unless something anchors it already.</summary>
    /// <param name="timestamp">The packet's RTP time stamp.</param>
    /// <param name="arrivedUnixNanoseconds">Wall clock of its arrival, nanoseconds since the Unix epoch.</param>
    public void OnPacket(RtpTimestamp timestamp, long arrivedUnixNanoseconds)
    {
        if (_anchored) return;
        _anchored = true;
        _anchor = timestamp;
        _anchorUnixNanoseconds = arrivedUnixNanoseconds;
    }

    /// <summary>Anchors the mapping at a sender report. A report without a wall clock (NTP 0) is ignored, as RFC 3550 allows it.</summary>
    public void OnSenderReport(NtpTime ntp, RtpTimestamp timestamp)
    {
        if (ntp.Value == 0) return;
        _anchored = true;
        IsExact = true;
        _anchor = timestamp;
        _anchorUnixNanoseconds = ntp.ToUnixNanoseconds();
    }

    /// <summary>The wall clock of a time stamp within 2^31 ticks of the anchor.</summary>
    /// <param name="timestamp">The time stamp.</param>
    /// <param name="unixNanoseconds">Nanoseconds since the Unix epoch.</param>
    /// <returns>False before the first packet or report.</returns>
    public bool TryGetUnixNanoseconds(RtpTimestamp timestamp, out long unixNanoseconds)
    {
        unixNanoseconds = _anchorUnixNanoseconds + (long)timestamp.DistanceFrom(_anchor) * 1_000_000_000 / _clockRate;
        return _anchored;
    }
}
