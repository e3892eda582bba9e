namespace Sfu.Media.Sdp;

/// <summary><c>a=extmap</c>: the id of one RTP header extension (RFC 8285 section 5).</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Direction">Direction when written, else null: that of the section.</param>
/// <param name="Uri">Names the extension.</param>
public readonly record struct ExtMap(byte Id, SdpDirection? Direction, string Uri);
