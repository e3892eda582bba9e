namespace Sfu.Router.Transport;

/// <summary>What a datagram on the shared port is, by its first bytes.</summary>
internal enum DatagramKind : byte
{
    /// <summary>No protocol of ours (RFC 7983: ZRTP, TURN channels, QUIC and the unassigned ranges).</summary>
    Unknown,

    /// <summary>STUN: first byte 0 to 3.</summary>
    Stun,

    /// <summary>DTLS: first byte 20 to 63.</summary>
    Dtls,

    /// <summary>SRTP: first byte 128 to 191.</summary>
    Rtp,

    /// <summary>SRTCP: as RTP, with a second byte of 192 to 223 (RFC 5761 section 4).</summary>
    Rtcp,
}

/// <summary>Tells the protocols on the one port apart (RFC 7983 section 7).</summary>
internal static class Demultiplexer
{
    /// <summary>Shortest datagram of any protocol: an RTP header.</summary>
    internal const int MinLength = 12;

    /// <summary>Longest datagram we take.</summary>
    internal const int MaxLength = 1500;

    /// <summary>The protocol of a datagram of at least two bytes.</summary>
    internal static DatagramKind Classify(ReadOnlySpan<byte> datagram) => datagram[0] switch
    {
        <= 3 => DatagramKind.Stun,
        >= 20 and <= 63 => DatagramKind.Dtls,
        >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp,
        _ => DatagramKind.Unknown,
    };
}
