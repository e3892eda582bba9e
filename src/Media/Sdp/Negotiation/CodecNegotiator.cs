using System.Diagnostics.CodeAnalysis;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Chooses codecs per section. Pure and deterministic: equal input, equal choice.</summary>
public static class CodecNegotiator
{
    /// <summary>Chooses what to take from a section the client sends on: one video codec with its RTX, or one audio codec with RED and
    /// telephone-event where they belong to it.</summary>
    /// <remarks>Video: the first codec of the client's order that the server knows; among its profiles the server's order decides, so
    /// that the variant most viewers decode wins. Audio: the server's order decides.</remarks>
    /// <param name="section">The section.</param>
    /// <param name="server">The policy.</param>
    /// <param name="selection">The choice when the result is true.</param>
    /// <param name="failure">The reason when the result is false.</param>
    public static bool TryPublish(
        OfferSection section, ServerCapabilities server, [NotNullWhen(true)] out PublishSelection? selection, out NegotiationFailure failure)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(server);
        selection = null;
        failure = CheckUse(section, section.CanSend, null);
        if (failure != NegotiationFailure.None) return false;
        MediaKind kind = KindOf(section);
        HeaderExtensionMap extensions = ExtensionNegotiator.ForPublish(section, kind, server);
        CodecFormat? primary = kind == MediaKind.Video ? ChooseVideo(section, server) : ChooseAudio(section, server);
        if (primary is null)
        {
            failure = NegotiationFailure.NoCommonCodec;
            return false;
        }

        selection = new PublishSelection(
            kind, section.Mid!, WithCompanions(section, primary, server, extensions), extensions, LimitEncodings(section, primary, server));
        return true;
    }

    /// <summary>Finds how a producer's formats reach a viewer unchanged: same codec, a profile the viewer decodes, its numbering.</summary>
    /// <param name="section">The viewer's section.</param>
    /// <param name="producer">What the producer may send, as its own negotiation gave it; the first is the expected one.</param>
    /// <param name="server">The policy.</param>
    /// <param name="selection">The mapping when the result is true.</param>
    /// <param name="failure">The reason when the result is false; <see cref="NegotiationFailure.NoCommonCodec"/> when the viewer cannot
    /// decode the producer.</param>
    public static bool TryConsume(
        OfferSection section, IReadOnlyList<CodecFormat> producer, ServerCapabilities server,
        [NotNullWhen(true)] out ConsumerSelection? selection, out NegotiationFailure failure)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(server);
        selection = null;
        failure = producer.Count == 0
            ? NegotiationFailure.NoCommonCodec
            : CheckUse(section, section.CanReceive, CodecNames.KindOf(producer[0].Codec));
        if (failure != NegotiationFailure.None) return false;
        HeaderExtensionMap extensions = ExtensionNegotiator.ForConsumer(section, KindOf(section), server);
        List<CodecMapping>? codecs = ViewerMapping.Map(section, producer, server, extensions);
        if (codecs is null)
        {
            failure = NegotiationFailure.NoCommonCodec;
            return false;
        }

        selection = new ConsumerSelection(section.Mid!, codecs, extensions);
        return true;
    }

    /// <summary>Prepares a section for a producer that is not known yet: every format that both sides know, so that whatever comes can be
    /// sent without another offer if the viewer offered it. What <see cref="TryConsume"/> later finds for the section is part of it.</summary>
    /// <param name="section">The viewer's section.</param>
    /// <param name="server">The policy.</param>
    /// <param name="selection">The formats when the result is true, in the viewer's order; each stands for itself.</param>
    /// <param name="failure">The reason when the result is false.</param>
    public static bool TryReserve(
        OfferSection section, ServerCapabilities server, [NotNullWhen(true)] out ConsumerSelection? selection, out NegotiationFailure failure)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(server);
        selection = null;
        failure = CheckUse(section, section.CanReceive, null);
        if (failure != NegotiationFailure.None) return false;
        HeaderExtensionMap extensions = ExtensionNegotiator.ForConsumer(section, KindOf(section), server);
        List<CodecFormat> common = CommonFormats(section, server, extensions);
        if (!common.Exists(format => format.Codec != MediaCodec.TelephoneEvent))
        {
            failure = NegotiationFailure.NoCommonCodec;
            return false;
        }

        selection = new ConsumerSelection(section.Mid!, [.. common.Select(format => new CodecMapping(format.PayloadType, format))], extensions);
        return true;
    }

    /// <summary>Every format of a section that both sides know: what an idle section is answered with, so that it can serve any later.</summary>
    internal static List<CodecFormat> CommonFormats(OfferSection section, ServerCapabilities server, HeaderExtensionMap extensions)
    {
        var common = new List<CodecFormat>();
        foreach (CodecFormat format in section.Codecs)
        {
            if (FindCapability(format, server) is not { } capability) continue;
            if (format.Codec != MediaCodec.Red || FindRedOpus(section, format) is not null) common.Add(Agree(format, capability, extensions));
        }

        return common;
    }

    /// <summary>The format with what both sides can do: feedback, and RTX only where it can be asked for.</summary>
    internal static CodecFormat Agree(CodecFormat format, CodecCapability capability, HeaderExtensionMap extensions)
    {
        CodecFeedback feedback = format.Feedback & capability.Feedback;
        if (extensions.IdOf(HeaderExtensionKind.TransportCc) == 0) feedback &= ~CodecFeedback.TransportCc;
        // One congestion signal is enough: libwebrtc prefers transport-cc too when both are agreed.
        if ((feedback & CodecFeedback.TransportCc) != 0) feedback &= ~CodecFeedback.Remb;
        byte? rtx = (feedback & CodecFeedback.Nack) != 0 ? format.RtxPayloadType : null;
        return format with { Feedback = feedback, RtxPayloadType = rtx };
    }

    internal static CodecCapability? FindCapability(CodecFormat format, ServerCapabilities server)
    {
        foreach (CodecCapability capability in server.Codecs)
        {
            if (CodecMatcher.IsSameProfile(format, capability)) return capability;
        }

        return null;
    }

    /// <summary>The Opus format that a RED format wraps: its fmtp names the payload type of every block (RFC 2198 section 5).</summary>
    internal static CodecFormat? FindRedOpus(OfferSection section, CodecFormat red)
    {
        var blocks = new SdpFieldReader(red.Parameters, '/');
        CodecFormat? opus = null;
        while (blocks.TryNextNumber(127, out ulong payloadType))
        {
            CodecFormat? block = FindOpus(section, (byte)payloadType);
            if (block is null || (opus is not null && opus.PayloadType != block.PayloadType)) return null;
            opus = block;
        }

        return blocks.Rest.IsEmpty ? opus : null;
    }

    private static CodecFormat? FindOpus(OfferSection section, byte payloadType)
    {
        foreach (CodecFormat format in section.Codecs)
        {
            if (format.Codec == MediaCodec.Opus && format.PayloadType == payloadType) return format;
        }

        return null;
    }

    private static NegotiationFailure CheckUse(OfferSection section, bool hasDirection, MediaKind? wanted)
    {
        if (!section.IsLive) return NegotiationFailure.NotLive;
        if (section.Kind is not (SectionKind.Audio or SectionKind.Video) || (wanted is { } kind && kind != KindOf(section))) return NegotiationFailure.WrongKind;
        return hasDirection ? NegotiationFailure.None : NegotiationFailure.WrongDirection;
    }

    private static MediaKind KindOf(OfferSection section) => section.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;

    private static CodecFormat? ChooseVideo(OfferSection section, ServerCapabilities server)
    {
        foreach (CodecFormat offered in section.Codecs)
        {
            foreach (CodecCapability capability in server.Codecs)
            {
                if (capability.Codec == offered.Codec && FindFormat(section, capability) is { } format) return format;
            }
        }

        return null;
    }

    private static CodecFormat? ChooseAudio(OfferSection section, ServerCapabilities server)
    {
        foreach (CodecCapability capability in server.Codecs)
        {
            if (!CodecNames.IsAuxiliary(capability.Codec) && FindFormat(section, capability) is { } format) return format;
        }

        return null;
    }

    private static CodecFormat? FindFormat(OfferSection section, CodecCapability capability)
    {
        foreach (CodecFormat format in section.Codecs)
        {
            if (CodecMatcher.IsSameProfile(format, capability)) return format;
        }

        return null;
    }

    // In the client's order: a client that puts RED first wants to send RED (libwebrtc does so when RED leads the answer).
    private static List<CodecFormat> WithCompanions(
        OfferSection section, CodecFormat primary, ServerCapabilities server, HeaderExtensionMap extensions)
    {
        CodecFormat? events = ChooseTelephoneEvent(section, primary);
        var codecs = new List<CodecFormat>();
        foreach (CodecFormat format in section.Codecs)
        {
            bool isTaken = format.PayloadType == primary.PayloadType
                || format.PayloadType == events?.PayloadType
                || (format.Codec == MediaCodec.Red && FindRedOpus(section, format)?.PayloadType == primary.PayloadType && !Contains(codecs, MediaCodec.Red));
            if (isTaken && FindCapability(format, server) is { } capability) codecs.Add(AnswerParameters(Agree(format, capability, extensions), capability));
        }

        return codecs;
    }

    private static bool Contains(List<CodecFormat> codecs, MediaCodec codec) => codecs.Exists(format => format.Codec == codec);

    // RFC 4733 section 2.1: events share the clock of the audio. Firefox offers 8 kHz only, so another clock is the second choice.
    private static CodecFormat? ChooseTelephoneEvent(OfferSection section, CodecFormat primary)
    {
        CodecFormat? found = null;
        if (CodecNames.KindOf(primary.Codec) == MediaKind.Video) return null;
        foreach (CodecFormat format in section.Codecs)
        {
            if (format.Codec != MediaCodec.TelephoneEvent) continue;
            if (format.ClockRate == primary.ClockRate) return format;
            found ??= format;
        }

        return found;
    }

    // Opus parameters in an answer say what we want to receive (RFC 7587 section 7); stereo is granted to who asks for it.
    private static CodecFormat AnswerParameters(CodecFormat format, CodecCapability capability)
    {
        if (format.Codec != MediaCodec.Opus) return format;
        bool isStereo = FmtpText.Number(format.Parameters, "stereo", 0) == 1;
        string stereo = capability.Parameters.Length > 0 ? ";stereo=1" : "stereo=1";
        return format with { Parameters = isStereo ? capability.Parameters + stereo : capability.Parameters };
    }

    private static List<OfferedEncoding> LimitEncodings(OfferSection section, CodecFormat primary, ServerCapabilities server)
    {
        var encodings = new List<OfferedEncoding>();
        foreach (OfferedEncoding encoding in section.Encodings)
        {
            if (encodings.Count < server.MaxEncodings && AllowsFormat(section, encoding.Rid, primary.PayloadType)) encodings.Add(encoding);
        }

        if (encodings.Count == 0) encodings.Add(new OfferedEncoding(null, null, null));
        return encodings;
    }

    // "a=rid:1 send pt=97,98" ties the stream to formats (RFC 8851 section 4).
    private static bool AllowsFormat(OfferSection section, string? rid, byte payloadType)
    {
        if (rid is null) return true;
        foreach (RidDescription description in section.Description.Rids)
        {
            if (description.Id != rid || !FmtpText.TryGet(description.Restrictions, "pt", out ReadOnlySpan<char> list)) continue;
            var formats = new SdpFieldReader(list, ',');
            while (formats.TryNextNumber(127, out ulong allowed))
            {
                if (allowed == payloadType) return true;
            }

            return false;
        }

        return true;
    }
}
