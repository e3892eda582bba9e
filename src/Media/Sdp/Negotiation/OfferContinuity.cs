using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What a later offer on the same transport may not change (RFC 3264 section 8, RFC 9429 section 5.2.2).</summary>
internal static class OfferContinuity
{
    public static SdpError? Check(SessionDescription offer, bool[] live, NegotiatedSession? previous)
    {
        if (previous is null) return null;
        if (offer.MediaSections.Count < previous.Sections.Count)
            return new(SdpErrorCode.Conflict, 0, "m", "An offer may not have fewer sections than the one before.");
        for (int i = 0; i < previous.Sections.Count; i++)
        {
            // A place that was closed may come back with any mid and media; one that is closed now needs no check.
            if (previous.Sections[i].IsRejected || !live[i]) continue;
            if (CheckSection(offer, offer.MediaSections[i], previous.Sections[i]) is { } error) return error;
        }

        return null;
    }

    public static SdpError? CheckFingerprints(IReadOnlyList<DtlsFingerprint> fingerprints, NegotiatedSession? previous)
    {
        if (previous is null) return null;
        foreach (DtlsFingerprint one in fingerprints)
        {
            foreach (DtlsFingerprint other in previous.RemoteFingerprints)
            {
                if (one.Algorithm == other.Algorithm && one.Value.Span.SequenceEqual(other.Value.Span)) return null;
            }
        }

        return new(SdpErrorCode.Conflict, 0, "fingerprint", "The certificate changed; that takes a new connection.");
    }

    private static SdpError? CheckSection(SessionDescription offer, MediaSection section, NegotiatedSection previous)
    {
        if (section.Mid != previous.Mid)
            return new(SdpErrorCode.Conflict, section.Line, "mid", "The mid of a section that is not closed changed.");
        if (section.Media != previous.Media)
            return new(SdpErrorCode.Conflict, section.Line, "m", "The media type of a section that is not closed changed.");
        return CheckPayloadTypes(section, previous) ?? CheckExtensions(offer, section, previous);
    }

    // Of several definitions of one number the first counts, here as when the section was agreed on.
    private static SdpError? CheckPayloadTypes(MediaSection section, NegotiatedSection previous)
    {
        string?[] inUse = new string?[128];
        foreach (CodecFormat format in previous.Codecs)
        {
            inUse[format.PayloadType] = CodecNames.NameOf(format.Codec);
            if (format.RtxPayloadType is { } rtx) inUse[rtx] = "rtx";
        }

        foreach (RtpMap map in section.RtpMaps)
        {
            if (inUse[map.PayloadType] is { } name && !map.Encoding.Equals(name, StringComparison.OrdinalIgnoreCase))
                return new(SdpErrorCode.Conflict, section.Line, "rtpmap", "A payload type in use was given another codec.");
            inUse[map.PayloadType] = null;
        }

        return null;
    }

    private static SdpError? CheckExtensions(SessionDescription offer, MediaSection section, NegotiatedSection previous)
    {
        var seen = new bool[256];
        foreach (ExtMap map in section.ExtMaps.Concat(offer.ExtMaps))
        {
            if (seen[map.Id]) continue;
            seen[map.Id] = true;
            HeaderExtensionKind agreed = previous.Extensions.KindOf(map.Id);
            if (agreed != HeaderExtensionKind.Unknown && agreed != ExtensionUris.KindOf(map.Uri))
                return new(SdpErrorCode.Conflict, section.Line, "extmap", "A header extension id in use was given another meaning.");
        }

        return null;
    }
}
