namespace Sfu.Media.Rtcp;

/// <summary>One packet of a compound, read in place: its type, count and body without padding (RFC 3550 section 6.4).</summary>
/// <remarks>Made by <see cref="RtcpReader"/>; the body's content is still hostile.</remarks>
public readonly ref struct RtcpPacket
{
    /// <param name="type">Packet type.</param>
    /// <param name="count">The 5 bits behind the padding bit.</param>
    /// <param name="bytes">The head, which was checked, and the body without padding.</param>
    internal RtcpPacket(RtcpPacketType type, byte count, ReadOnlySpan<byte> bytes)
    {
        Type = type;
        Count = count;
        Bytes = bytes;
    }

    /// <summary>Packet type; any value of a byte.</summary>
    public RtcpPacketType Type { get; }

    /// <summary>The 5 bits behind the padding bit: report, chunk or source count, or the feedback format. 0 to 31.</summary>
    public byte Count { get; }

    /// <summary>The packet with its 4-byte head, without padding; the length in the head is that with padding.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>What follows the 4-byte head, without padding.</summary>
    public ReadOnlySpan<byte> Body => Bytes[RtcpFormat.HeadSize..];

    /// <summary>Which typed reader takes this packet.</summary>
    public RtcpKind Kind => Type switch
    {
        RtcpPacketType.SenderReport => RtcpKind.SenderReport,
        RtcpPacketType.ReceiverReport => RtcpKind.ReceiverReport,
        RtcpPacketType.SourceDescription => RtcpKind.SourceDescription,
        RtcpPacketType.Goodbye => RtcpKind.Goodbye,
        RtcpPacketType.TransportFeedback => Count switch
        {
            RtcpFormat.Nack => RtcpKind.Nack,
            RtcpFormat.TransportCc => RtcpKind.TransportCc,
            _ => RtcpKind.Other,
        },
        RtcpPacketType.PayloadFeedback => Count switch
        {
            RtcpFormat.PictureLoss => RtcpKind.PictureLoss,
            RtcpFormat.FullIntraRequest => RtcpKind.FullIntraRequest,
            RtcpFormat.ApplicationLayer when RembFeedback.HasIdentifier(Body) => RtcpKind.Remb,
            _ => RtcpKind.Other,
        },
        _ => RtcpKind.Other,
    };
}
