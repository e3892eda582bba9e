namespace Sfu.Media.Sdp;

/// <summary><c>a=ssrc-group</c> (RFC 5576 section 4.2).</summary>
/// <param name="Semantics"><c>FID</c>: a source and its retransmissions (RFC 5888); <c>SIM</c>: simulcast, lowest first.</param>
/// <param name="Ssrcs">The sources, in order.</param>
public sealed record SsrcGroup(string Semantics, IReadOnlyList<uint> Ssrcs);
