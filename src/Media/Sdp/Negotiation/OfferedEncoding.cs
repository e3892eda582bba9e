using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>One encoding the client announces to send.</summary>
/// <param name="Rid">Its RID, or null without RID simulcast.</param>
/// <param name="Ssrc">Its SSRC when that is certain from the text; with RIDs it is learnt from the packets.</param>
/// <param name="RtxSsrc">SSRC of its retransmissions when that is certain.</param>
/// <param name="MaxWidth">Width limit in pixels, or 0.</param>
/// <param name="MaxHeight">Height limit in pixels, or 0.</param>
public sealed record OfferedEncoding(string? Rid, Ssrc? Ssrc, Ssrc? RtxSsrc, int MaxWidth = 0, int MaxHeight = 0);
