using Sfu.Media.Sdp.Negotiation;
using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>What is to become of one section of an offer. Made before the room is asked, completed after; nothing has changed until it is applied.</summary>
internal sealed class SectionPlan(OfferSection offer, SessionSection? existing)
{
    /// <summary>The section as offered.</summary>
    internal OfferSection Offer { get; } = offer;

    /// <summary>The same section as it is now; null for a new one.</summary>
    internal SessionSection? Existing { get; } = existing;

    /// <summary>The client sends on it and we may take that.</summary>
    internal bool IsSending { get; set; }

    /// <summary>What is negotiated for what it publishes.</summary>
    internal PublishSelection? Selection { get; set; }

    /// <summary>What the room is asked to publish; null when nothing new is.</summary>
    internal TrackDraft? Draft { get; set; }

    /// <summary>What the room published for <see cref="Draft"/>.</summary>
    internal Track? Granted { get; set; }

    /// <summary>The track it publishes: as before, or made of <see cref="Granted"/>.</summary>
    internal PublishedTrack? Published { get; set; }

    /// <summary>Why it publishes nothing although the client sends.</summary>
    internal string? PublishRefusal { get; set; }

    /// <summary>The track it receives or is kept for.</summary>
    internal Subscription? Received { get; set; }

    /// <summary>What feeds it: as before, or new.</summary>
    internal SentTrack? Consumer { get; set; }

    /// <summary>Why <see cref="Received"/> is not sent.</summary>
    internal string? ReceiveRefusal { get; set; }

    /// <summary>What a player's section is answered with, whatever it carries now.</summary>
    internal ConsumerAssignment? Reserved { get; set; }

    /// <summary>The decision for the answer.</summary>
    internal SectionDecision Decision =>
        !Offer.IsMedia ? SectionDecision.Reject
        : Published is not null ? SectionDecision.Take(Selection!)
        : Reserved is not null ? SectionDecision.Send(InOrder(Reserved))
        : Consumer is not null ? SectionDecision.Send(Consumer.Assignment)
        : SectionDecision.Idle;

    /// <summary>What is sent now comes first (RFC 3264 section 6.1: in the order of preference).</summary>
    private ConsumerAssignment InOrder(ConsumerAssignment reserved) => Consumer is null ? reserved : reserved with
    {
        Selection = reserved.Selection with { Codecs = [.. Consumer.Selection.Codecs, .. reserved.Selection.Codecs] },
    };
}
