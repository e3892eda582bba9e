using Sfu.Media.Rtp;

namespace Sfu.Router.Rooms;

/// <summary>One RTP packet on its way to one receiver: the receiver's own bytes, and the payload it shares with the others.</summary>
public unsafe readonly ref struct OutgoingRtp
{
    /// <summary>The finished header with its extensions, then the first bytes of the payload where they are this receiver's own
    /// (a rewritten payload descriptor, the original sequence number of RFC 4588). Copied during the call.</summary>
    public required ReadOnlySpan<byte> Own { get; init; }

    /// <summary>Length of the header within <see cref="Own"/>: what SRTP leaves in clear.</summary>
    public required int HeaderLength { get; init; }

    /// <summary>Where in the header the transport writes its next transport-cc number when the packet really leaves; 0 for nowhere.</summary>
    public int TransportCcAt { get; init; }

    /// <summary>The rest of the plain payload, in native memory that stays as it is until the <see cref="IPayloadFence"/> says so.</summary>
    public required byte* Payload { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>The SSRC in the header.</summary>
    public required Ssrc Ssrc { get; init; }

    /// <summary>48-bit packet index of this SSRC: ROC and sequence number. (SSRC, index) never names two different packets.</summary>
    public required ulong Index { get; init; }

    /// <summary>Audio is the last to be dropped when a link is full.</summary>
    public required MediaKind Kind { get; init; }
}
