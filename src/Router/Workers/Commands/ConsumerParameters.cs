using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Router.Workers.Commands;

/// <summary>What the negotiation said about one outgoing track.</summary>
/// <param name="Mid">The viewer's m-section, written as header extension until the viewer's first receiver report and on key frames.</param>
/// <param name="Ssrc">Our SSRC, unique on the transport.</param>
/// <param name="RtxSsrc">SSRC of our retransmissions, or null when RTX was not negotiated.</param>
/// <param name="Codecs">Per payload type the producer may send: what the viewer gets.</param>
/// <param name="Extensions">Header extension ids the viewer expects.</param>
/// <param name="Cname">RTCP canonical name as the answer announces it, equal for tracks to be played in sync; null: one per producing transport.</param>
/// <param name="IsReserved">The SSRC belongs to the viewer's m-section and not to this track: its end is not said (no BYE), and the next
/// consumer on it goes on with its sequence numbers, time stamps, picture numbers and counts.</param>
public sealed record ConsumerParameters(
    string Mid, Ssrc Ssrc, Ssrc? RtxSsrc, IReadOnlyList<ConsumerCodec> Codecs, HeaderExtensionMap Extensions, string? Cname = null,
    bool IsReserved = false);

/// <summary>How one payload type of the producer reaches the viewer.</summary>
/// <param name="ProducerPayloadType">Payload type on the incoming side.</param>
/// <param name="Viewer">The viewer's format: the same codec, or Opus for a RED producer (then the primary block is taken out, RFC 2198).</param>
public sealed record ConsumerCodec(byte ProducerPayloadType, CodecFormat Viewer);
