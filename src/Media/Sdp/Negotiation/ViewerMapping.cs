using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Maps a producer's formats to a viewer's payload types.</summary>
internal static class ViewerMapping
{
    /// <summary>The mapping, or null when no format that carries media (RED and events do not) reaches the viewer.</summary>
    public static List<CodecMapping>? Map(
        OfferSection section, IReadOnlyList<CodecFormat> producer, ServerCapabilities server, HeaderExtensionMap extensions)
    {
        var mappings = new List<CodecMapping>();
        bool hasMedia = false;
        foreach (CodecFormat format in producer)
        {
            CodecFormat? viewer = format.Codec == MediaCodec.Red ? MapRed(section, format, producer) : FindBest(section, format, server);
            if (viewer is null || CodecNegotiator.FindCapability(viewer, server) is not { } capability) continue;
            mappings.Add(new CodecMapping(format.PayloadType, CodecNegotiator.Agree(viewer, capability, extensions)));
            hasMedia |= format.Codec != MediaCodec.TelephoneEvent;
        }

        return hasMedia ? mappings : null;
    }

    private static CodecFormat? FindBest(OfferSection section, CodecFormat producer, ServerCapabilities server)
    {
        CodecFormat? best = null;
        CodecMatch quality = CodecMatch.None;
        foreach (CodecFormat viewer in section.Codecs)
        {
            CodecMatch match = CodecMatcher.Match(producer, viewer);
            if (match <= quality || CodecNegotiator.FindCapability(viewer, server) is null) continue;
            best = viewer;
            quality = match;
        }

        return best;
    }

    // The blocks inside RED carry the producer's Opus payload type; they pass unchanged only to a viewer that numbers Opus the same.
    private static CodecFormat? MapRed(OfferSection section, CodecFormat red, IReadOnlyList<CodecFormat> producer)
    {
        CodecFormat? opus = null, sent = null;
        foreach (CodecFormat format in producer)
        {
            if (format.Codec == MediaCodec.Opus) sent = format;
        }

        foreach (CodecFormat viewer in section.Codecs)
        {
            if (viewer.Codec == MediaCodec.Opus) opus ??= viewer;
            if (viewer.Codec == MediaCodec.Red && sent is not null
                && CodecNegotiator.FindRedOpus(section, viewer)?.PayloadType == sent.PayloadType) return viewer;
        }

        return opus;
    }
}
