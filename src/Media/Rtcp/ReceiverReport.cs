using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>A receiver report, read in place (RFC 3550 section 6.4.2).</summary>
public readonly ref struct ReceiverReport
{
    internal const int FixedSize = 4;

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _blocks;

    private ReceiverReport(ReadOnlySpan<byte> body, int blocks)
    {
        _body = body;
        _blocks = blocks;
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.ReceiverReport"/>; profile extensions behind the blocks are left alone.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out ReceiverReport report)
    {
        report = default;
        if (packet.Type != RtcpPacketType.ReceiverReport) return DropReason.Malformed;
        if (packet.Body.Length < FixedSize + packet.Count * ReportBlock.Size) return DropReason.Truncated;
        report = new ReceiverReport(packet.Body, packet.Count);
        return DropReason.None;
    }

    /// <summary>Who reports.</summary>
    public Ssrc Ssrc => new(BinaryPrimitives.ReadUInt32BigEndian(_body));

    /// <summary>What it reports about streams it receives.</summary>
    public ReportBlockList Blocks => new(_body.Slice(FixedSize, _blocks * ReportBlock.Size));
}
