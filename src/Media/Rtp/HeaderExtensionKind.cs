namespace Sfu.Media.Rtp;

/// <summary>RTP header extensions the server understands; each names the URI of its <c>a=extmap</c> line.</summary>
public enum HeaderExtensionKind : byte
{
    /// <summary>Not understood; never forwarded.</summary>
    Unknown = 0,

    /// <summary>urn:ietf:params:rtp-hdrext:sdes:mid (RFC 9143).</summary>
    Mid,

    /// <summary>urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id (RFC 8852).</summary>
    Rid,

    /// <summary>urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id (RFC 8852).</summary>
    RepairedRid,

    /// <summary>urn:ietf:params:rtp-hdrext:ssrc-audio-level (RFC 6464).</summary>
    AudioLevel,

    /// <summary>http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01.</summary>
    TransportCc,

    /// <summary>http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time.</summary>
    AbsSendTime,

    /// <summary>http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time.</summary>
    AbsCaptureTime,

    /// <summary>urn:3gpp:video-orientation (CVO).</summary>
    VideoOrientation,

    /// <summary>http://www.webrtc.org/experiments/rtp-hdrext/playout-delay.</summary>
    PlayoutDelay,

    /// <summary>https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension.</summary>
    DependencyDescriptor,
}
