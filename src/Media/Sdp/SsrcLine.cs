namespace Sfu.Media.Sdp;

/// <summary><c>a=ssrc</c> (RFC 5576 section 4.1).</summary>
/// <param name="Ssrc">The source.</param>
/// <param name="Attribute">Attribute name, such as <c>cname</c>.</param>
/// <param name="Value">Its value; empty when there is none.</param>
public readonly record struct SsrcLine(uint Ssrc, string Attribute, string Value);
