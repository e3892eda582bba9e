namespace Sfu.Media;

/// <summary>Why a datagram or packet was not used: the closed set of values that the packet path counts.</summary>
/// <remarks>Hostile or late input ends here, never in an exception or a log line. The names are the label values of
/// <c>sfu_packets_dropped_total</c>; append new ones before <see cref="Count"/>.</remarks>
public enum DropReason
{
    /// <summary>Not dropped.</summary>
    None = 0,

    /// <summary>Shorter than its own fields say.</summary>
    Truncated,

    /// <summary>Longer than any packet we take (1,500 bytes).</summary>
    TooLong,

    /// <summary>RTP or RTCP version is not 2.</summary>
    BadVersion,

    /// <summary>Padding length is zero or larger than the payload.</summary>
    BadPadding,

    /// <summary>A field has a value its specification forbids.</summary>
    Malformed,

    /// <summary>First byte belongs to no protocol of RFC 7983.</summary>
    UnknownProtocol,

    /// <summary>The source address passed no authenticated ICE check.</summary>
    UnknownSource,

    /// <summary>STUN for an ICE user name that no transport has.</summary>
    UnknownUfrag,

    /// <summary>STUN FINGERPRINT or MESSAGE-INTEGRITY missing or wrong.</summary>
    StunAuthentication,

    /// <summary>A STUN message that is not for an ICE-lite server.</summary>
    StunUnexpected,

    /// <summary>More validated addresses than a transport may have.</summary>
    TooManyAddresses,

    /// <summary>DTLS datagram queue full or handshake already failed.</summary>
    DtlsRefused,

    /// <summary>Media before the DTLS handshake ended.</summary>
    NoKeys,

    /// <summary>SRTP or SRTCP tag is wrong.</summary>
    Authentication,

    /// <summary>SRTP or SRTCP index was already received.</summary>
    Replay,

    /// <summary>SRTP or SRTCP index is behind the replay window.</summary>
    TooOld,

    /// <summary>More SSRCs than a transport may have.</summary>
    TooManySsrcs,

    /// <summary>No producer takes this SSRC, MID or RID.</summary>
    UnknownSsrc,

    /// <summary>The payload type was not negotiated for this track.</summary>
    UnknownPayloadType,

    /// <summary>RTX packet without an original sequence number, or for an unknown stream (probes included).</summary>
    RtxWithoutOriginal,

    /// <summary>The packet was received before.</summary>
    Duplicate,

    /// <summary>The track is muted.</summary>
    Muted,

    /// <summary>The send queue of a receiver is full.</summary>
    SendQueueFull,

    /// <summary>The kernel refused the datagram.</summary>
    SendFailed,

    /// <summary>More packets per second than a participant may send.</summary>
    RateLimited,

    /// <summary>The track must be recorded, and the recorder does not take it.</summary>
    NotRecorded,

    /// <summary>The transport is closed or its consent has expired.</summary>
    Closed,

    /// <summary>Number of reasons; not a reason.</summary>
    Count,
}
