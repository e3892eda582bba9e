using System.Buffers.Binary;

namespace Sfu.Media.Rtp;

/// <summary>Undoes retransmission by RTX: a packet that carries another one's payload behind its sequence number (RFC 4588 section 4).</summary>
public static class RtxPacket
{
    /// <summary>Bytes of the original sequence number in front of the original payload.</summary>
    public const int OriginalSequenceNumberSize = 2;

    /// <summary>Reads which packet is carried.</summary>
    /// <param name="packet">A plain RTP packet of an RTX payload type; its content is hostile.</param>
    /// <param name="header">Its header.</param>
    /// <param name="original">The carried packet's sequence number.</param>
    /// <returns><see cref="DropReason.RtxWithoutOriginal"/> for a probe: padding, or nothing, and no sequence number in it.
    /// It still counts as received for transport-cc.</returns>
    public static DropReason TryGetOriginal(ReadOnlySpan<byte> packet, in RtpHeader header, out SequenceNumber original)
    {
        original = default;
        DropReason reason = header.TryGetPayload(packet, out int length);
        if (reason != DropReason.None) return reason;
        if (length < OriginalSequenceNumberSize) return DropReason.RtxWithoutOriginal;
        original = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[header.PayloadAt..]));
        return DropReason.None;
    }

    /// <summary>Restores the carried packet in place: the header moves over the sequence number and gets the original's fields.</summary>
    /// <remarks>Marker, time stamp, contributing sources, extensions and padding are the original's already (section 4). MID and
    /// repaired RID in the extensions stay those of the RTX packet.</remarks>
    /// <param name="packet">A plain RTP packet of an RTX payload type; overwritten when the result is <see cref="DropReason.None"/>.</param>
    /// <param name="header">Its header.</param>
    /// <param name="payloadType">The original stream's payload type (fmtp <c>apt</c>).</param>
    /// <param name="ssrc">The original stream.</param>
    /// <param name="restored">The original packet, at the end of <paramref name="packet"/>.</param>
    /// <returns>As <see cref="TryGetOriginal"/>.</returns>
    public static DropReason Undo(Span<byte> packet, in RtpHeader header, byte payloadType, Ssrc ssrc, out Span<byte> restored)
    {
        restored = default;
        DropReason reason = TryGetOriginal(packet, header, out SequenceNumber original);
        if (reason != DropReason.None) return reason;
        packet[..header.PayloadAt].CopyTo(packet[OriginalSequenceNumberSize..]);   // overlapping: CopyTo moves
        restored = packet[OriginalSequenceNumberSize..];
        restored[1] = (byte)((restored[1] & 0x80) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(restored[2..], original.Value);
        BinaryPrimitives.WriteUInt32BigEndian(restored[8..], ssrc.Value);
        return DropReason.None;
    }
}
