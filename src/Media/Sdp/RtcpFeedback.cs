namespace Sfu.Media.Sdp;

/// <summary><c>a=rtcp-fb</c> (RFC 4585 section 4.2).</summary>
/// <param name="PayloadType">0 to 127, or null for the wildcard <c>*</c>.</param>
/// <param name="Value">Type and parameters, such as <c>nack pli</c>.</param>
public readonly record struct RtcpFeedback(byte? PayloadType, string Value);
