using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Buffers;

/// <summary>A read-only listener on a producer: the only way the recorder sees media.</summary>
/// <remarks>Called on the media worker's thread, between receiving and routing. An implementation copies what it needs and
/// returns at once: it never blocks, allocates or throws. The spans are valid only during the call.</remarks>
public interface IPacketTap
{
    /// <summary>An authenticated RTP packet that came for the first time, after SRTP and RTX were undone and before layer selection:
    /// padding-only packets and payload types that were not negotiated included, since they have sequence numbers of the stream.</summary>
    /// <param name="receivedAt">When the worker received it.</param>
    /// <param name="packet">The whole packet: header, extensions, payload, padding.</param>
    /// <param name="isRepaired">It came by RTX; the packet is the original again.</param>
    /// <returns>False when it could not be kept: a track that must be recorded is then not forwarded. What the tap leaves out because it
    /// was told to (a pause, missing consent) is kept in this sense.</returns>
    bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired);

    /// <summary>The server muted or unmuted the producer. While it is muted the tap still gets what was received; nobody else does.</summary>
    /// <param name="at">Packets received from then on are affected.</param>
    /// <param name="isMuted">The new state.</param>
    void OnMuteChanged(MediaTime at, bool isMuted);

    /// <summary>A sender report of one of the producer's streams (RFC 3550 section 6.4.1).</summary>
    /// <param name="receivedAt">When the worker received it.</param>
    /// <param name="ssrc">The reporting stream.</param>
    /// <param name="packet">The one RTCP packet as received, its 4-byte head included, its padding not; it was parsed before.</param>
    void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet);

    /// <summary>How much of a stream this worker received, by its own count: the tap was given as many packets since the first receipt. Comes
    /// when the tap is attached, when a stream begins, once a second, and when tap or stream end.</summary>
    /// <param name="at">When it was counted.</param>
    /// <param name="ssrc">The stream.</param>
    /// <param name="packets">Different packets since the stream began.</param>
    void OnReceipt(MediaTime at, Ssrc ssrc, long packets);
}
