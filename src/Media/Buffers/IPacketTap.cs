using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Buffers;

/// <summary>A read-only listener on a producer: the only way the recorder sees media.</summary>
/// <remarks>Called on the media worker's thread, between receiving and routing. An implementation copies what it needs and
/// returns at once: it never blocks, allocates or throws. The spans are valid only during the call.</remarks>
public interface IPacketTap
{
    /// <summary>An authenticated RTP packet, after SRTP and RTX were undone and before layer selection.</summary>
    /// <param name="receivedAt">When the worker received it.</param>
    /// <param name="packet">The whole packet: header, extensions, payload, padding.</param>
    void OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet);

    /// <summary>The server muted or unmuted the producer. While it is muted the tap still gets what was received; nobody else does.</summary>
    /// <param name="at">Packets received from then on are affected.</param>
    /// <param name="isMuted">The new state.</param>
    void OnMuteChanged(MediaTime at, bool isMuted);

    /// <summary>A sender report of one of the producer's streams (RFC 3550 section 6.4.1).</summary>
    /// <param name="receivedAt">When the worker received it.</param>
    /// <param name="ssrc">The reporting stream.</param>
    /// <param name="ntp">The sender's wall clock.</param>
    /// <param name="timestamp">The RTP time stamp of the same instant.</param>
    void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, NtpTime ntp, RtpTimestamp timestamp);
}
