using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>PLI: the sender needs a key frame of the media stream (RFC 4585 section 6.3.1).</summary>
/// <param name="SenderSsrc">Who asks.</param>
/// <param name="MediaSsrc">The stream.</param>
public readonly record struct PictureLossIndication(Ssrc SenderSsrc, Ssrc MediaSsrc)
{
    /// <summary>Reads a packet of kind <see cref="RtcpKind.PictureLoss"/>.</summary>
    public static DropReason TryParse(in RtcpPacket packet, out PictureLossIndication indication)
    {
        indication = default;
        if (packet.Kind != RtcpKind.PictureLoss) return DropReason.Malformed;
        if (packet.Body.Length < RtcpFormat.FeedbackHeadSize) return DropReason.Truncated;
        indication = new PictureLossIndication(
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet.Body)), new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..])));
        return DropReason.None;
    }
}
