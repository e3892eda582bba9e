using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>A consumer placed on a viewer's section: what the answer announces about it.</summary>
/// <param name="Selection">The codec mapping for this section.</param>
/// <param name="Ssrc">Our SSRC, unique on the transport.</param>
/// <param name="RtxSsrc">SSRC of our retransmissions; written only when the selection uses RTX.</param>
/// <param name="StreamId">MediaStream id for the viewer; without spaces.</param>
/// <param name="TrackId">MediaStreamTrack id for the viewer; without spaces.</param>
/// <param name="Cname">RTCP canonical name; equal for tracks that are to be played in sync; without spaces.</param>
public sealed record ConsumerAssignment(ConsumerSelection Selection, Ssrc Ssrc, Ssrc? RtxSsrc, string StreamId, string TrackId, string Cname);
