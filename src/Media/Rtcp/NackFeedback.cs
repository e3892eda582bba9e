using System.Buffers.Binary;
using System.Numerics;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>Walks the sequence numbers a generic NACK asks for, in place (RFC 4585 section 6.2.1).</summary>
/// <remarks>4 bytes ask for up to 17 packets: who answers limits how much it resends.</remarks>
public ref struct NackFeedback
{
    private ReadOnlySpan<byte> _items;
    private SequenceNumber _packetId;
    private uint _following;

    private NackFeedback(ReadOnlySpan<byte> body)
    {
        SenderSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body));
        MediaSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body[4..]));
        _items = body[RtcpFormat.FeedbackHeadSize..];
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.Nack"/>; one without items is malformed.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out NackFeedback nack)
    {
        nack = default;
        if (packet.Kind != RtcpKind.Nack) return DropReason.Malformed;
        if (packet.Body.Length < RtcpFormat.FeedbackHeadSize + 4) return DropReason.Truncated;
        if (packet.Body.Length % 4 != 0) return DropReason.Malformed;
        nack = new NackFeedback(packet.Body);
        return DropReason.None;
    }

    /// <summary>Who asks.</summary>
    public Ssrc SenderSsrc { get; }

    /// <summary>The stream whose packets are missing.</summary>
    public Ssrc MediaSsrc { get; }

    /// <summary>Goes to the next missing packet.</summary>
    public bool MoveNext(out SequenceNumber sequenceNumber)
    {
        if (_following != 0)
        {
            int bit = BitOperations.TrailingZeroCount(_following);
            _following &= _following - 1;
            sequenceNumber = _packetId.Add(bit + 1);
            return true;
        }
        sequenceNumber = default;
        if (_items.IsEmpty) return false;
        _packetId = sequenceNumber = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(_items));
        _following = BinaryPrimitives.ReadUInt16BigEndian(_items[2..]);
        _items = _items[4..];
        return true;
    }
}
