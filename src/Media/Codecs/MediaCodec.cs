namespace Sfu.Media.Codecs;

/// <summary>The codecs the server can route. RTX, RED, telephone-event and comfort noise are formats of their own in
/// <see cref="CodecFormat"/> lists.</summary>
public enum MediaCodec
{
    /// <summary>Opus (RFC 7587).</summary>
    Opus,

    /// <summary>Redundant audio (RFC 2198).</summary>
    Red,

    /// <summary>G.722 (RFC 3551 section 4.5.2; its RTP clock is 8 kHz).</summary>
    G722,

    /// <summary>G.711 mu-law (RFC 3551).</summary>
    Pcmu,

    /// <summary>G.711 A-law (RFC 3551).</summary>
    Pcma,

    /// <summary>DTMF events (RFC 4733).</summary>
    TelephoneEvent,

    /// <summary>VP8 (RFC 7741).</summary>
    Vp8,

    /// <summary>VP9 (RFC 9628).</summary>
    Vp9,

    /// <summary>H.264 (RFC 6184).</summary>
    H264,

    /// <summary>AV1 (AOM RTP specification 1.0).</summary>
    Av1,

    /// <summary>H.265 (RFC 7798).</summary>
    H265,
}
