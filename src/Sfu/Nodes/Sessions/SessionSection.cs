using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Nodes.Sessions;

/// <summary>One m-section of a session's transport, as the last answer left it and as events changed it since.</summary>
/// <remarks>Guarded by the room's gate. At most one of <see cref="Published"/> and <see cref="Received"/> is set.</remarks>
internal sealed class SessionSection(OfferSection offer)
{
    /// <summary>The section in the last offer.</summary>
    internal OfferSection Offer { get; set; } = offer;

    /// <summary>Its mid; null when it never had one.</summary>
    internal string? Mid => Offer.Mid;

    /// <summary>Audio or video; meaningful for media sections only.</summary>
    internal MediaKind Kind => Offer.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;

    /// <summary>Closed by the client or by our answer.</summary>
    internal bool IsRejected { get; set; }

    /// <summary>The client sends on it, whether or not we take it.</summary>
    internal bool IsSending { get; set; }

    /// <summary>The track it publishes.</summary>
    internal PublishedTrack? Published { get; set; }

    /// <summary>Why nothing is published although the client sends; null otherwise.</summary>
    internal string? PublishRefusal { get; set; }

    /// <summary>What a player's section was answered with: every track sent on it keeps to it, without another offer. Null for others.</summary>
    internal ConsumerAssignment? Reserved { get; set; }

    /// <summary>The track it receives, or is kept for.</summary>
    internal Subscription? Received { get; set; }

    /// <summary>The consumer that feeds it; null while nothing is sent.</summary>
    internal SentTrack? Consumer { get; set; }

    /// <summary>Why <see cref="Received"/> is not sent; null otherwise.</summary>
    internal string? ReceiveRefusal { get; set; }

    /// <summary>What it receives must be negotiated again: the publisher's formats changed.</summary>
    internal bool NeedsOffer { get; set; }

    /// <summary>A waiting track may use it.</summary>
    internal bool IsIdle => !IsRejected && !IsSending && Received is null && Offer.CanReceive;
}
