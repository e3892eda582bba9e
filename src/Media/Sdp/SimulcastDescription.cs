namespace Sfu.Media.Sdp;

/// <summary><c>a=simulcast</c> (RFC 8853 section 5.1).</summary>
/// <param name="Send">Streams the author sends, in order of preference; empty when it sends none.</param>
/// <param name="Receive">Streams the author receives; empty when it receives none.</param>
public sealed record SimulcastDescription(IReadOnlyList<SimulcastAlternatives> Send, IReadOnlyList<SimulcastAlternatives> Receive);
