namespace Sfu.Media.Codecs;

/// <summary>One negotiated codec of one track: what a payload type means.</summary>
/// <param name="Codec">The codec.</param>
/// <param name="PayloadType">RTP payload type, 0 to 127.</param>
/// <param name="ClockRate">RTP clock in Hz.</param>
/// <param name="Channels">Audio channels as in rtpmap; 0 for video.</param>
/// <param name="Parameters">The fmtp text, without the payload type; empty when there is none.</param>
/// <param name="RtxPayloadType">Payload type of its retransmissions (RFC 4588), or null.</param>
/// <param name="Feedback">RTCP feedback both sides agreed on.</param>
public sealed record CodecFormat(
    MediaCodec Codec,
    byte PayloadType,
    int ClockRate,
    int Channels,
    string Parameters,
    byte? RtxPayloadType,
    CodecFeedback Feedback);

/// <summary>RTCP feedback agreed on for one codec (a=rtcp-fb, RFC 4585).</summary>
[Flags]
public enum CodecFeedback
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>nack</c>: generic NACK.</summary>
    Nack = 1,

    /// <summary><c>nack pli</c>: picture loss indication.</summary>
    Pli = 2,

    /// <summary><c>ccm fir</c>: full intra request (RFC 5104).</summary>
    Fir = 4,

    /// <summary><c>transport-cc</c>.</summary>
    TransportCc = 8,

    /// <summary><c>goog-remb</c>.</summary>
    Remb = 16,
}
