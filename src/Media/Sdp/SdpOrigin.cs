namespace Sfu.Media.Sdp;

/// <summary>The <c>o=</c> line (RFC 8866 section 5.2); its address means nothing under ICE and is written as 0.0.0.0.</summary>
/// <param name="UserName">User name, <c>-</c> for none.</param>
/// <param name="SessionId">Names the session; constant over its life.</param>
/// <param name="Version">Raised with every description of the same session.</param>
public sealed record SdpOrigin(string UserName, ulong SessionId, ulong Version);
