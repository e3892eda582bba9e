namespace Sfu.Media.Sdp;

/// <summary><c>a=fmtp</c>: parameters of one payload type (RFC 8866 section 6.15).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Text">Everything behind the payload type.</param>
public readonly record struct FormatParameters(byte PayloadType, string Text);
