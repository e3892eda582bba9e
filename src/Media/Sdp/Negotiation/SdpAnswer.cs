namespace Sfu.Media.Sdp.Negotiation;

/// <summary>An answer and what it agrees on.</summary>
/// <param name="Description">The answer; its <see cref="object.ToString"/> is the text for the client.</param>
/// <param name="Session">To be kept and given to <see cref="OfferView.TryRead"/> with the next offer of this transport.</param>
public sealed record SdpAnswer(SessionDescription Description, NegotiatedSession Session);
