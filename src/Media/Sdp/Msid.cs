namespace Sfu.Media.Sdp;

/// <summary><c>a=msid</c>: the MediaStream and track of a section (RFC 8830 section 2).</summary>
/// <param name="StreamId">MediaStream id; <c>-</c> for none.</param>
/// <param name="TrackId">MediaStreamTrack id; empty when it is not written.</param>
public sealed record Msid(string StreamId, string TrackId);
