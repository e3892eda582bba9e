namespace Sfu.Media.Sdp;

/// <summary>One stream of <c>a=simulcast</c>: alternatives, of which one is used at a time (RFC 8853 section 5.1).</summary>
/// <param name="Rids">RIDs of the alternatives, preferred first; at least one.</param>
/// <param name="IsPaused">True when the preferred one starts paused (<c>~</c>).</param>
public sealed record SimulcastAlternatives(IReadOnlyList<string> Rids, bool IsPaused = false);
