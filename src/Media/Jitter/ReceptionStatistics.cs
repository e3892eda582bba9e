using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>Counts what arrived of one RTP stream: loss and jitter for receiver reports (RFC 3550 sections 6.4.1, A.1, A.3, A.8).</summary>
/// <remarks>Owned by one media worker; told the time. It counts packets that passed SRTP, so the probation and restart rules of
/// section A.1 are left out: a gap of authenticated numbers is loss, however wide. Retransmissions do not count as received (RFC 4588
/// section 6.3 has statistics of the RTX stream apart), else the report would hide the loss the sender should adapt to.</remarks>
/// <param name="clockRate">RTP clock in Hz, 1 or more.</param>
public sealed class ReceptionStatistics(int clockRate)
{
    private const int MaxCumulative = 0x7F_FFFF;
    private const int MinCumulative = -0x80_0000;

    private bool _started;
    private long _base;
    private long _highest;
    private long _received;
    private long _expectedBefore;
    private long _receivedBefore;
    private long _transit;
    private long _jitter16;                            // 16 times the jitter, as in section A.8
    private uint _lastSenderReport;
    private MediaTime _lastSenderReportAt;

    /// <summary>True once a packet arrived.</summary>
    public bool Started => _started;

    /// <summary>Packets that arrived, duplicates included.</summary>
    public long Received => _received;

    /// <summary>Packets that were sent, as far as their numbers tell.</summary>
    public long Expected => _started ? _highest - _base + 1 : 0;

    /// <summary>Packets that did not arrive; negative when duplicates outnumber the losses.</summary>
    public long Lost => Expected - _received;

    /// <summary>Interarrival jitter in units of the RTP clock.</summary>
    public uint Jitter => (uint)(_jitter16 >> 4);

    /// <summary>Interarrival jitter as a time.</summary>
    public TimeSpan JitterTime => TimeSpan.FromTicks((long)Jitter * TimeSpan.TicksPerSecond / clockRate);

    /// <summary>Counts a packet that came on the stream's own SSRC.</summary>
    /// <param name="now">When it arrived.</param>
    /// <param name="sequence">Its number, from the stream's <see cref="SequenceUnwrapper"/>.</param>
    /// <param name="timestamp">Its media time stamp.</param>
    public void OnPacket(MediaTime now, long sequence, RtpTimestamp timestamp)
    {
        long transit = ToClock(now) - timestamp.Value;
        if (!_started)
        {
            _started = true;
            _base = _highest = sequence;
        }
        else
        {
            if (sequence > _highest) _highest = sequence;
            if (sequence < _base) _base = sequence;    // reordered before the very first one: it was sent all the same
            long difference = Math.Abs((long)(int)(uint)(transit - _transit)); // modulo 2^32, as the time stamps are
            _jitter16 += difference - ((_jitter16 + 8) >> 4);
        }
        _transit = transit;
        _received++;
    }

    /// <summary>Notes a sender report of this stream.</summary>
    public void OnSenderReport(MediaTime now, NtpTime ntp)
    {
        _lastSenderReport = ntp.Middle32;
        _lastSenderReportAt = now;
    }

    /// <summary>Makes the next report block; its fraction covers what came since the last call.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ssrc">The stream's SSRC.</param>
    public ReportBlock TakeReport(MediaTime now, Ssrc ssrc)
    {
        long expected = Expected - _expectedBefore, received = _received - _receivedBefore;
        _expectedBefore = Expected;
        _receivedBefore = _received;
        long lost = expected - received;
        byte fraction = expected <= 0 || lost <= 0 ? (byte)0 : (byte)Math.Min(255, (lost << 8) / expected);
        uint delay = _lastSenderReport == 0 ? 0 : DelaySince(_lastSenderReportAt, now);
        return new ReportBlock(
            ssrc, fraction, (int)Math.Clamp(Lost, MinCumulative, MaxCumulative), (uint)_highest, Jitter, _lastSenderReport, delay);
    }

    // In 1/65,536 s; 18 hours fit.
    private static uint DelaySince(MediaTime then, MediaTime now) =>
        (uint)Math.Min(uint.MaxValue, Math.Max(0, now.Nanoseconds - then.Nanoseconds) / 1000 * 65_536 / 1_000_000);

    private long ToClock(MediaTime time)
    {
        long seconds = Math.DivRem(time.Nanoseconds, 1_000_000_000, out long rest);
        return seconds * clockRate + rest * clockRate / 1_000_000_000;
    }
}
