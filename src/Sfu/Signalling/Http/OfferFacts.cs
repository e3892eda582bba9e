using Sfu.Media.Sdp;

namespace Sfu.Signalling.Http;

/// <summary>What a WHIP or WHEP session keeps of its offer.</summary>
/// <param name="Ufrag">The client's ICE user name fragment; empty when it gave none.</param>
/// <param name="FirstMid">Mid of the first section; empty when it has none.</param>
internal sealed record OfferFacts(string Ufrag, string FirstMid)
{
    /// <summary>Reads them.</summary>
    public static OfferFacts Of(SessionDescription offer) => new(
        offer.MediaSections[0].IceUfrag ?? offer.IceUfrag ?? "", offer.MediaSections[0].Mid ?? "");
}
