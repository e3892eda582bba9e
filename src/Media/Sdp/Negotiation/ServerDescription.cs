using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Our side of the transport as an answer announces it.</summary>
/// <param name="SessionId">Session id of a first answer, 63 random bits; a later answer keeps the first one's.</param>
/// <param name="Ice">Our credentials.</param>
/// <param name="Fingerprint">Hash of our certificate.</param>
/// <param name="Candidates">All our candidates as values of <c>a=candidate</c>: none can follow an answer.</param>
/// <param name="RtcpMuxOnly">Write <c>a=rtcp-mux-only</c>: WHIP and WHEP ask for it (RFC 9725 section 4.4.1), RFC 8858 knows it in offers only.</param>
/// <param name="MaxTrackBitrate">Most we take of one video track, told to the client so that it never sends what would be dropped; null = not told.</param>
public sealed record ServerDescription(
    ulong SessionId, IceCredentials Ice, DtlsFingerprint Fingerprint, IReadOnlyList<string> Candidates, bool RtcpMuxOnly = false,
    Bitrate? MaxTrackBitrate = null);
