namespace Sfu.Media.Sdp;

/// <summary><c>a=rtpmap</c>: what a payload type stands for (RFC 8866 section 6.6).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Encoding">Encoding name as written; compared without case.</param>
/// <param name="ClockRate">RTP clock in Hz.</param>
/// <param name="Channels">Audio channels, 1 when not written.</param>
public readonly record struct RtpMap(byte PayloadType, string Encoding, int ClockRate, int Channels);
