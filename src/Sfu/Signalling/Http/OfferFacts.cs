using Sfu.Media.Rtp;
using Sfu.Media.Sdp;

namespace Sfu.Signalling.Http;

/// <summary>What a WHIP or WHEP session keeps of its offer.</summary>
/// <param name="Ufrag">The client's ICE user name fragment; empty when it gave none.</param>
/// <param name="FirstMid">Mid of the first section; empty when it has none.</param>
/// <param name="Kinds">The kinds of media it has sections for.</param>
internal sealed record OfferFacts(string Ufrag, string FirstMid, IReadOnlySet<MediaKind> Kinds)
{
    /// <summary>Reads them from an offer that <see cref="OfferRules"/> accepts.</summary>
    public static OfferFacts Of(SessionDescription offer) => new(
        offer.MediaSections[0].IceUfrag ?? offer.IceUfrag ?? "",
        offer.MediaSections[0].Mid ?? "",
        offer.MediaSections.Select(section => section.Media == "audio" ? MediaKind.Audio : MediaKind.Video).ToHashSet());
}
