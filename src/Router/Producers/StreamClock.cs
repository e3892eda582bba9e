using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Pipes;

namespace Sfu.Router.Producers;

/// <summary>Maps the RTP time stamps of one incoming stream to our wall clock: by the sender's reports, before the first one by arrival.</summary>
/// <remarks>Owned by one RtpStream. Times are nanoseconds since the Unix epoch. The sender's clock is brought to ours by one offset
/// per transport (<see cref="ClockOffset"/>), so its audio and video stay as they are to each other.</remarks>
/// <param name="clockRate">RTP clock in Hz, 1 or more.</param>
internal sealed class StreamClock(int clockRate)
{
    private const long ReanchorAfter = 10_000_000_000;

    private RtpTimestamp _anchor;
    private long _anchorTime;                              // sender's clock with reports, ours without
    private bool _isAnchored;

    /// <summary>RTP clock in Hz.</summary>
    internal int ClockRate => clockRate;

    /// <summary>A sender report anchors the mapping.</summary>
    internal bool HasReport { get; private set; }

    /// <summary>What anchors the mapping, for another worker.</summary>
    internal ClockAnchor Anchor => new(_anchor, _anchorTime, HasReport);

    /// <summary>Takes over what anchors the mapping where the stream comes in; without a report there is nothing to take over.</summary>
    internal void Mirror(in ClockAnchor anchor)
    {
        if (!anchor.HasReport) return;
        _anchor = anchor.Timestamp;
        _anchorTime = anchor.Time;
        _isAnchored = HasReport = true;
    }

    /// <summary>Takes a sender report; one without a wall clock (NTP 0) is ignored, as RFC 3550 section 6.4.1 allows it.</summary>
    internal void OnSenderReport(NtpTime ntp, RtpTimestamp timestamp)
    {
        if (ntp.Value == 0) return;
        _anchor = timestamp;
        _anchorTime = ntp.ToUnixNanoseconds();
        _isAnchored = HasReport = true;
    }

    /// <summary>Takes a packet's arrival: while there is no report, the least delayed packet of ten seconds anchors the mapping.</summary>
    internal void OnPacket(long arrivedAt, RtpTimestamp timestamp)
    {
        if (HasReport) return;
        if (_isAnchored && arrivedAt - _anchorTime < ReanchorAfter && arrivedAt >= _anchorTime + ToNanoseconds(timestamp.DistanceFrom(_anchor))) return;
        _isAnchored = true;
        _anchor = timestamp;
        _anchorTime = arrivedAt;
    }

    /// <summary>When a time stamp was captured, on our clock; meaningless before the first packet.</summary>
    /// <param name="timestamp">Within 2^31 ticks of the last report.</param>
    /// <param name="senderOffset">What brings the sender's clock to ours.</param>
    internal long ToTime(RtpTimestamp timestamp, long senderOffset) =>
        _anchorTime + (HasReport ? senderOffset : 0) + ToNanoseconds(timestamp.DistanceFrom(_anchor));

    /// <summary>The time stamp of an instant of our clock.</summary>
    internal RtpTimestamp At(long time, long senderOffset)
    {
        long elapsed = time - (HasReport ? senderOffset : 0) - _anchorTime;
        long seconds = Math.DivRem(elapsed, 1_000_000_000, out long rest);
        return new RtpTimestamp(unchecked(_anchor.Value + (uint)(seconds * clockRate + rest * clockRate / 1_000_000_000)));
    }

    private long ToNanoseconds(int ticks) => (long)ticks * 1_000_000_000 / clockRate;
}
