namespace Sfu.Media.Sdp;

/// <summary><c>a=rid</c>: one RTP stream of a section and what restricts it (RFC 8851 section 4).</summary>
/// <param name="Id">The RID.</param>
/// <param name="IsSend">True for <c>send</c>, false for <c>recv</c>.</param>
/// <param name="Restrictions">Everything behind the direction, such as <c>pt=97;max-width=1280</c>; usually empty.</param>
public sealed record RidDescription(string Id, bool IsSend, string Restrictions);
