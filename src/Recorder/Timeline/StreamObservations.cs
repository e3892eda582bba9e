using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Recorder.Timeline;

/// <summary>What the first pass over a recording gathers about the clock of one SSRC: its sender reports, and of each second the packet
/// that came with the least delay.</summary>
/// <remarks>Memory grows by some ten bytes a second. Owned by one reader; not thread-safe.</remarks>
/// <param name="clockRate">RTP clock of the codec in Hz; at least 1.</param>
public sealed class StreamObservations(int clockRate)
{
    private readonly List<(double Rtp, double Arrival)> _fastest = [];
    private readonly List<(double Rtp, double Ntp, double Arrival)> _reports = [];
    private long _second = long.MinValue;
    private bool _hasPacket;
    private long _rtp;
    private long _arrival;

    /// <summary>RTP clock of the codec in Hz.</summary>
    public int ClockRate { get; } = clockRate > 0 ? clockRate : throw new ArgumentOutOfRangeException(nameof(clockRate));

    /// <summary>Sender reports taken.</summary>
    public int Reports => _reports.Count;

    internal IReadOnlyList<(double Rtp, double Arrival)> Fastest => _fastest;

    internal IReadOnlyList<(double Rtp, double Ntp, double Arrival)> SenderReports => _reports;

    /// <summary>Takes a packet.</summary>
    /// <param name="timestamp">Its RTP time stamp.</param>
    /// <param name="receivedAt">When it came, on the server's monotonic clock.</param>
    public void OnPacket(RtpTimestamp timestamp, MediaTime receivedAt)
    {
        long rtp = Unwrap(timestamp, receivedAt.Nanoseconds, out bool isForward);
        if (!_hasPacket || isForward) (_hasPacket, _rtp, _arrival) = (true, rtp, receivedAt.Nanoseconds);
        long second = receivedAt.Nanoseconds / 1_000_000_000;
        if (second != _second)
        {
            _second = second;
            _fastest.Add((rtp, receivedAt.Nanoseconds));
        }
        else if (Delay(rtp, receivedAt.Nanoseconds) < Delay(_fastest[^1].Rtp, _fastest[^1].Arrival)) _fastest[^1] = (rtp, receivedAt.Nanoseconds);
    }

    /// <summary>Takes a sender report. One without a wall clock (NTP 0) is ignored, as RFC 3550 section 6.4.1 allows it.</summary>
    /// <param name="ntp">The sender's wall clock.</param>
    /// <param name="timestamp">The RTP time stamp of the same instant.</param>
    /// <param name="receivedAt">When it came, on the server's monotonic clock.</param>
    public void OnSenderReport(NtpTime ntp, RtpTimestamp timestamp, MediaTime receivedAt)
    {
        if (ntp.Value == 0) return;
        if (!_hasPacket) (_hasPacket, _rtp, _arrival) = (true, timestamp.Value, receivedAt.Nanoseconds);
        _reports.Add((Unwrap(timestamp, receivedAt.Nanoseconds, out _), ntp.ToUnixNanoseconds(), receivedAt.Nanoseconds));
    }

    /// <summary>The 64-bit value of a time stamp next to the one that is expected at an arrival: a pause of any length is no ambiguity.</summary>
    internal static long Nearest(uint timestamp, double expected)
    {
        long near = (long)Math.Round(expected);
        return near + (int)(timestamp - (uint)near);
    }

    private long Unwrap(RtpTimestamp timestamp, long arrival, out bool isForward)
    {
        isForward = true;
        if (!_hasPacket) return timestamp.Value;
        long rtp = Nearest(timestamp.Value, _rtp + (arrival - _arrival) * 1e-9 * ClockRate);
        isForward = rtp >= _rtp;
        return rtp;
    }

    private double Delay(double rtp, double arrival) => arrival - rtp * 1e9 / ClockRate;
}
