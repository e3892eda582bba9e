using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>URIs of the header extensions the server knows.</summary>
internal static class ExtensionUris
{
    private static readonly (HeaderExtensionKind Kind, string Uri)[] Known =
    [
        (HeaderExtensionKind.Mid, "urn:ietf:params:rtp-hdrext:sdes:mid"),
        (HeaderExtensionKind.Rid, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
        (HeaderExtensionKind.RepairedRid, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
        (HeaderExtensionKind.AudioLevel, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
        (HeaderExtensionKind.TransportCc, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
        (HeaderExtensionKind.AbsSendTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
        (HeaderExtensionKind.AbsCaptureTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"),
        (HeaderExtensionKind.VideoOrientation, "urn:3gpp:video-orientation"),
        (HeaderExtensionKind.PlayoutDelay, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"),
        (HeaderExtensionKind.DependencyDescriptor, "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"),
    ];

    public static HeaderExtensionKind KindOf(string uri)
    {
        foreach ((HeaderExtensionKind kind, string known) in Known)
        {
            if (known == uri) return kind;
        }

        return HeaderExtensionKind.Unknown;
    }

    public static string UriOf(HeaderExtensionKind kind)
    {
        foreach ((HeaderExtensionKind known, string uri) in Known)
        {
            if (known == kind) return uri;
        }

        throw new ArgumentOutOfRangeException(nameof(kind), kind, "The extension has no URI.");
    }
}
