namespace Sfu.Media.Sdp;

/// <summary><c>a=group</c>: sections that belong together (RFC 5888); <c>BUNDLE</c> shares one transport (RFC 9143).</summary>
/// <param name="Semantics">The meaning, such as <c>BUNDLE</c>.</param>
/// <param name="Mids">Identifications of the sections, in order.</param>
public sealed record SdpGroup(string Semantics, IReadOnlyList<string> Mids);
