using Sfu.Media.Rtp;

namespace Sfu.Router.Rooms;

/// <summary>Where a room hands what one transport sends. Implemented by the transport that owns keys and address; called on its worker only.</summary>
/// <remarks>Nothing is sent during the call: packets are queued, protected and sent by receiver at the end of the turn.</remarks>
public unsafe interface ITransportOutput
{
    /// <summary>Queues one RTP packet.</summary>
    /// <param name="header">The finished header with its extensions; copied during the call.</param>
    /// <param name="payload">The plain payload in native memory that stays as it is until the end of the turn.</param>
    /// <param name="payloadLength">Its length in bytes.</param>
    /// <param name="ssrc">The SSRC in the header.</param>
    /// <param name="index">48-bit packet index of this SSRC: ROC and sequence number. (SSRC, index) never names two different packets.</param>
    /// <param name="kind">Audio is the last to be dropped when a link is full.</param>
    void SendRtp(ReadOnlySpan<byte> header, byte* payload, int payloadLength, Ssrc ssrc, ulong index, MediaKind kind);

    /// <summary>Queues one plain RTCP compound; copied during the call.</summary>
    void SendRtcp(ReadOnlySpan<byte> compound);
}
