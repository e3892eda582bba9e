namespace Sfu.Recorder;

/// <summary>One negotiated payload type of a track.</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Codec">Lower case, such as <c>opus</c>.</param>
/// <param name="ClockRate">RTP clock in Hz.</param>
/// <param name="Parameters">The format parameters of the SDP; may be empty.</param>
public sealed record TrackFormat(byte PayloadType, string Codec, int ClockRate, string Parameters);
