using System.Buffers.Binary;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Rtcp;

/// <summary>A sender report, read in place (RFC 3550 section 6.4.1).</summary>
public readonly ref struct SenderReport
{
    internal const int FixedSize = 24;

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _blocks;

    private SenderReport(ReadOnlySpan<byte> body, int blocks)
    {
        _body = body;
        _blocks = blocks;
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.SenderReport"/>; profile extensions behind the blocks are left alone.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out SenderReport report)
    {
        report = default;
        if (packet.Type != RtcpPacketType.SenderReport) return DropReason.Malformed;
        if (packet.Body.Length < FixedSize + packet.Count * ReportBlock.Size) return DropReason.Truncated;
        report = new SenderReport(packet.Body, packet.Count);
        return DropReason.None;
    }

    /// <summary>The reporting stream.</summary>
    public Ssrc Ssrc => new(BinaryPrimitives.ReadUInt32BigEndian(_body));

    /// <summary>The sender's wall clock when it made the report.</summary>
    public NtpTime Ntp => new(BinaryPrimitives.ReadUInt64BigEndian(_body[4..]));

    /// <summary>The same instant on the stream's RTP clock.</summary>
    public RtpTimestamp Timestamp => new(BinaryPrimitives.ReadUInt32BigEndian(_body[12..]));

    /// <summary>Packets sent since the beginning, modulo 2^32.</summary>
    public uint PacketCount => BinaryPrimitives.ReadUInt32BigEndian(_body[16..]);

    /// <summary>Payload bytes sent since the beginning, without headers and padding, modulo 2^32.</summary>
    public uint OctetCount => BinaryPrimitives.ReadUInt32BigEndian(_body[20..]);

    /// <summary>What this sender reports about streams it receives.</summary>
    public ReportBlockList Blocks => new(_body.Slice(FixedSize, _blocks * ReportBlock.Size));
}
