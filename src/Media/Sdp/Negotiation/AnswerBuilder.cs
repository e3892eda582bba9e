namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Writes the answer to an offer (RFC 9429 section 5.3): ICE-lite, DTLS server, one bundled transport.</summary>
public static class AnswerBuilder
{
    /// <summary>Builds the answer: as many sections as the offer, in its order, in the client's numbering.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="decisions">One decision per section, in order. A section that is not live, or is neither audio nor video, is closed
    /// whatever its decision says, and so is one without any common format.</param>
    /// <param name="server">Our side.</param>
    /// <param name="capabilities">The policy, for sections that stay idle.</param>
    /// <exception cref="ArgumentException">The decisions do not fit the offer, or a text in them cannot stand in a description.</exception>
    public static SdpAnswer Build(
        OfferView offer, IReadOnlyList<SectionDecision> decisions, ServerDescription server, ServerCapabilities capabilities)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(capabilities);
        if (decisions.Count != offer.Sections.Count) throw new ArgumentException("One decision per section is needed.", nameof(decisions));
        AnswerSection[] sections =
            [.. offer.Sections.Select((section, i) => AnswerSection.Resolve(section, decisions[i], capabilities))];
        string[] bundled = [.. offer.BundleMids.Where(mid => Array.Exists(sections, s => !s.IsRejected && s.Offer.Mid == mid))];
        NegotiatedSession session = Agree(offer, sections, server);
        var description = new SessionDescription
        {
            Origin = new SdpOrigin("-", session.SessionId, session.Version),
            Groups = bundled.Length > 0 && offer.Description.BundleMids.Count > 0 ? [new SdpGroup("BUNDLE", bundled)] : [],
            IceLite = true,
            IceOptions = "trickle",
            MsidSemantic = "WMS *",
            ExtmapAllowMixed = offer.Description.ExtmapAllowMixed,
            MediaSections = [.. sections.Select(section => section.Write(server, bundled.Length > 0 && section.Offer.Mid == bundled[0]))],
        };
        return new SdpAnswer(description, session);
    }

    private static NegotiatedSession Agree(OfferView offer, AnswerSection[] sections, ServerDescription server) => new(
        offer.Previous?.SessionId ?? server.SessionId,
        offer.Previous?.Version + 1 ?? 1,
        offer.Ice,
        offer.Fingerprints,
        [.. sections.Select(section => new NegotiatedSection(
            section.Offer.Mid, section.Offer.Description.Media, section.IsRejected, section.Codecs, section.Extensions))]);
}
