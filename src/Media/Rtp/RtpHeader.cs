using System.Buffers.Binary;

namespace Sfu.Media.Rtp;

/// <summary>The RTP header of one packet, read in place (RFC 3550 section 5.1). Offsets and lengths are in bytes.</summary>
/// <param name="HasPadding">P bit: the payload ends in padding; see <see cref="TryGetPayload"/>.</param>
/// <param name="HasExtension">X bit.</param>
/// <param name="Marker">M bit: the last packet of a frame, for video.</param>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="SequenceNumber">Sequence number.</param>
/// <param name="Timestamp">Media time stamp.</param>
/// <param name="Ssrc">Synchronization source.</param>
/// <param name="CsrcCount">Contributing sources, 0 to 15.</param>
/// <param name="ExtensionAt">Where the extension's elements begin, behind its 4-byte head; 0 when there is none.</param>
/// <param name="ExtensionLength">Length of the extension's elements.</param>
/// <param name="ExtensionProfile">0xBEDE for one-byte, 0x1000 to 0x100F for two-byte elements (RFC 8285); 0 when there is none.</param>
/// <param name="PayloadAt">Length of the whole header: what SRTP leaves in clear.</param>
public readonly record struct RtpHeader(
    bool HasPadding, bool HasExtension, bool Marker, byte PayloadType, SequenceNumber SequenceNumber, RtpTimestamp Timestamp, Ssrc Ssrc,
    int CsrcCount, int ExtensionAt, int ExtensionLength, ushort ExtensionProfile, int PayloadAt)
{
    /// <summary>Length of the header without contributing sources and extensions.</summary>
    public const int FixedSize = 12;

    /// <summary>Reads the header of a packet, protected or plain; padding is not looked at, since SRTP encrypts it.</summary>
    /// <param name="packet">One datagram; its content is hostile.</param>
    /// <param name="header">Valid only for <see cref="DropReason.None"/>.</param>
    public static DropReason Parse(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedSize) return DropReason.Truncated;
        if (packet[0] >> 6 != 2) return DropReason.BadVersion;
        int csrcCount = packet[0] & 0x0F;
        int payloadAt = FixedSize + 4 * csrcCount;
        if (payloadAt > packet.Length) return DropReason.Truncated;
        bool hasExtension = (packet[0] & 0x10) != 0;
        int extensionAt = 0, extensionLength = 0;
        ushort profile = 0;
        if (hasExtension)
        {
            if (payloadAt + 4 > packet.Length) return DropReason.Truncated;
            profile = BinaryPrimitives.ReadUInt16BigEndian(packet[payloadAt..]);
            extensionLength = 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(payloadAt + 2)..]);
            extensionAt = payloadAt + 4;
            payloadAt = extensionAt + extensionLength;
            if (payloadAt > packet.Length) return DropReason.Truncated;
        }
        header = new RtpHeader(
            (packet[0] & 0x20) != 0, hasExtension, packet[1] >= 0x80, (byte)(packet[1] & 0x7F),
            new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[2..])),
            new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(packet[4..])),
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet[8..])),
            csrcCount, extensionAt, extensionLength, profile, payloadAt);
        return DropReason.None;
    }

    /// <summary>Length of the payload of a plain packet without its padding; 0 for a probe that is padding only.</summary>
    public DropReason TryGetPayload(ReadOnlySpan<byte> packet, out int payloadLength)
    {
        payloadLength = packet.Length - PayloadAt;
        if (payloadLength < 0) return DropReason.Truncated;
        if (!HasPadding) return DropReason.None;
        if (payloadLength == 0) return DropReason.BadPadding;
        int padding = packet[^1];
        if (padding == 0 || padding > payloadLength) return DropReason.BadPadding;
        payloadLength -= padding;
        return DropReason.None;
    }
}
