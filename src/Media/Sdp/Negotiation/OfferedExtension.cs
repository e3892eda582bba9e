using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>A header extension the client offers and the server knows.</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Kind">Its meaning.</param>
/// <param name="Direction">Direction as the client wrote it, or null when it wrote none: both.</param>
/// <param name="IsAmbiguous">Another live section gives the same id another meaning (aiortc): such an id may be read but never written.</param>
public sealed record OfferedExtension(byte Id, HeaderExtensionKind Kind, SdpDirection? Direction, bool IsAmbiguous);
