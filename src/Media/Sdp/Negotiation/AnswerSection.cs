using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>One section of an answer: what a decision comes to, and how it is written.</summary>
internal sealed class AnswerSection
{
    private readonly SectionDecision _decision;

    private AnswerSection(OfferSection offer, SectionDecision decision, IReadOnlyList<CodecFormat> codecs, HeaderExtensionMap extensions)
    {
        Offer = offer;
        _decision = decision;
        Codecs = codecs;
        Extensions = extensions;
    }

    public OfferSection Offer { get; }

    public bool IsRejected => _decision.IsRejected;

    /// <summary>Accepted formats in the order of the answer.</summary>
    public IReadOnlyList<CodecFormat> Codecs { get; }

    /// <summary>Accepted header extensions.</summary>
    public HeaderExtensionMap Extensions { get; }

    public static AnswerSection Resolve(OfferSection offer, SectionDecision decision, ServerCapabilities capabilities)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (decision.IsRejected || !offer.IsMedia) return Closed(offer);
        CheckDecision(offer, decision);
        if (decision.Publish is null && decision.Consume is null) return Idle(offer, capabilities);
        var codecs = new List<CodecFormat>();
        foreach (CodecFormat format in decision.Publish?.Codecs ?? []) codecs.Add(format);
        foreach (CodecMapping mapping in decision.Consume?.Selection.Codecs ?? [])
        {
            if (!codecs.Exists(known => known.PayloadType == mapping.Viewer.PayloadType)) codecs.Add(mapping.Viewer);
        }

        return new AnswerSection(offer, decision, codecs, Merge(offer, decision));
    }

    public MediaSection Write(ServerDescription server, bool carriesTransport) => IsRejected ? WriteClosed() : new MediaSection
    {
        Media = Offer.Description.Media,
        Port = 9,
        Protocol = Offer.Description.Protocol,
        PayloadTypes = [.. PayloadTypes()],
        MaxBitrate = _decision.Publish?.Kind == MediaKind.Video ? server.MaxTrackBitrate : null,
        Mid = Offer.Mid,
        IceUfrag = server.Ice.Ufrag,
        IcePassword = server.Ice.Password,
        Fingerprints = [server.Fingerprint],
        Setup = SdpSetup.Passive,
        ExtmapAllowMixed = Offer.Description.ExtmapAllowMixed,
        ExtMaps = [.. ExtMaps()],
        Direction = Direction(),
        Candidates = carriesTransport ? server.Candidates : [],
        EndOfCandidates = carriesTransport,
        RtcpMux = true,
        RtcpMuxOnly = server.RtcpMuxOnly,
        RtcpRsize = Offer.Description.RtcpRsize,
        RtpMaps = [.. RtpMaps()],
        FormatParameters = [.. FormatParameters()],
        RtcpFeedback = [.. Feedback()],
        Rids = [.. Rids()],
        Simulcast = Simulcast(),
        Msids = _decision.Consume is { } consumer ? [new Msid(consumer.StreamId, consumer.TrackId)] : [],
        SsrcGroups = _decision.Consume is { } grouped && RtxSsrc(grouped) is { } rtx ? [new SsrcGroup("FID", [grouped.Ssrc.Value, rtx.Value])] : [],
        Ssrcs = [.. Ssrcs()],
    };

    private static AnswerSection Closed(OfferSection offer) => new(offer, SectionDecision.Reject, [], HeaderExtensionMap.Empty);

    private static AnswerSection Idle(OfferSection offer, ServerCapabilities capabilities)
    {
        MediaKind kind = offer.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;
        HeaderExtensionMap extensions = ExtensionNegotiator.ForIdle(offer, kind, capabilities);
        List<CodecFormat> codecs = CodecNegotiator.CommonFormats(offer, capabilities, extensions);
        // RFC 3264 section 6: an accepted section needs a format, and there is none to name.
        return codecs.Count == 0 ? Closed(offer) : new AnswerSection(offer, SectionDecision.Idle, codecs, extensions);
    }

    private static void CheckDecision(OfferSection offer, SectionDecision decision)
    {
        if (decision.Publish is { } publish && (!offer.CanSend || publish.Mid != offer.Mid))
            throw new ArgumentException($"The publish selection is not for section {offer.Index}.", nameof(decision));
        if (decision.Consume is not { } consume) return;
        if (!offer.CanReceive || consume.Selection.Mid != offer.Mid)
            throw new ArgumentException($"The consumer assignment is not for section {offer.Index}.", nameof(decision));
        if (!SdpText.IsField(consume.StreamId) || !SdpText.IsField(consume.TrackId) || !SdpText.IsField(consume.Cname))
            throw new ArgumentException("Stream id, track id and cname must be words without spaces.", nameof(decision));
    }

    private static HeaderExtensionMap Merge(OfferSection offer, SectionDecision decision)
    {
        if (decision.Consume is null) return decision.Publish!.Extensions;
        if (decision.Publish is null) return decision.Consume.Selection.Extensions;
        return new HeaderExtensionMap(offer.Extensions
            .Where(e => decision.Publish.Extensions.KindOf(e.Id) == e.Kind || decision.Consume.Selection.Extensions.KindOf(e.Id) == e.Kind)
            .Select(e => KeyValuePair.Create(e.Id, e.Kind)));
    }

    // RFC 9429 section 5.3.1: a closed section keeps one format of the offer, for the grammar's sake.
    private MediaSection WriteClosed() => new()
    {
        Media = Offer.Description.Media,
        Port = 0,
        Protocol = Offer.Description.Protocol,
        PayloadTypes = Offer.Description.PayloadTypes.Count > 0 ? [Offer.Description.PayloadTypes[0]] : [],
        Formats = Offer.Description.Formats,
        Mid = Offer.Mid,
        Direction = Offer.Description.IsRtp ? SdpDirection.Inactive : null,
    };

    private SdpDirection Direction() =>
        (_decision.Consume is null ? SdpDirection.Inactive : SdpDirection.SendOnly)
        | (_decision.Publish is null ? SdpDirection.Inactive : SdpDirection.RecvOnly);

    // RTX stands right behind its codec, as browsers write it.
    private IEnumerable<byte> PayloadTypes()
    {
        foreach (CodecFormat format in Codecs)
        {
            yield return format.PayloadType;
            if (format.RtxPayloadType is { } rtx) yield return rtx;
        }
    }

    private IEnumerable<RtpMap> RtpMaps()
    {
        foreach (CodecFormat format in Codecs)
        {
            yield return new RtpMap(format.PayloadType, CodecNames.NameOf(format.Codec), format.ClockRate, Math.Max(1, format.Channels));
            if (format.RtxPayloadType is { } rtx) yield return new RtpMap(rtx, "rtx", format.ClockRate, 1);
        }
    }

    private IEnumerable<FormatParameters> FormatParameters()
    {
        foreach (CodecFormat format in Codecs)
        {
            if (format.Parameters.Length > 0) yield return new FormatParameters(format.PayloadType, format.Parameters);
            if (format.RtxPayloadType is { } rtx) yield return new FormatParameters(rtx, $"apt={format.PayloadType}");
        }
    }

    private IEnumerable<RtcpFeedback> Feedback()
    {
        foreach (CodecFormat format in Codecs)
        {
            foreach (string name in FeedbackNames.NamesOf(format.Feedback)) yield return new RtcpFeedback(format.PayloadType, name);
        }
    }

    // The offer's own lines, with the direction turned round (RFC 8285 section 7).
    private IEnumerable<ExtMap> ExtMaps()
    {
        foreach (OfferedExtension extension in Offer.Extensions)
        {
            if (Extensions.KindOf(extension.Id) != extension.Kind) continue;
            SdpDirection? direction = extension.Direction is { } written ? DirectionNames.Reverse(written) : null;
            yield return new ExtMap(extension.Id, direction, ExtensionUris.UriOf(extension.Kind));
        }
    }

    private bool IsTaken(string rid) => _decision.Publish is { } publish && publish.Encodings.Any(encoding => encoding.Rid == rid);

    private IEnumerable<RidDescription> Rids()
    {
        foreach (RidDescription rid in Offer.Description.Rids)
        {
            if (rid.IsSend && IsTaken(rid.Id)) yield return new RidDescription(rid.Id, IsSend: false, "");
        }
    }

    private SimulcastDescription? Simulcast()
    {
        if (_decision.Publish is null || Offer.Description.Simulcast is not { Send.Count: > 0 } offered) return null;
        SimulcastAlternatives[] taken =
            [.. offered.Send.SelectMany(stream => stream.Rids.Where(IsTaken).Take(1)).Distinct().Select(rid => new SimulcastAlternatives([rid]))];
        return taken.Length > 0 ? new SimulcastDescription([], taken) : null;
    }

    private static Ssrc? RtxSsrc(ConsumerAssignment consumer) => consumer.Selection.UsesRtx ? consumer.RtxSsrc : null;

    private IEnumerable<SsrcLine> Ssrcs()
    {
        if (_decision.Consume is not { } consumer) yield break;
        yield return new SsrcLine(consumer.Ssrc.Value, "cname", consumer.Cname);
        if (RtxSsrc(consumer) is { } rtx) yield return new SsrcLine(rtx.Value, "cname", consumer.Cname);
    }
}
