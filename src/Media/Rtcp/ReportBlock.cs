using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>What a receiver reports about one stream (RFC 3550 section 6.4.1).</summary>
/// <param name="Ssrc">The stream.</param>
/// <param name="FractionLost">Share lost since the last report, in 1/256.</param>
/// <param name="CumulativeLost">Packets lost since the beginning, -8,388,608 to 8,388,607; negative when duplicates came.</param>
/// <param name="ExtendedHighestSequence">Highest sequence number received: cycles in the upper, number in the lower 16 bits.</param>
/// <param name="Jitter">Interarrival jitter in units of the stream's RTP clock.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time of the last sender report; 0 when none came.</param>
/// <param name="DelaySinceLastSenderReport">From that report's arrival to this one, in 1/65,536 s; 0 when none came.</param>
public readonly record struct ReportBlock(
    Ssrc Ssrc, byte FractionLost, int CumulativeLost, uint ExtendedHighestSequence, uint Jitter,
    uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    /// <summary>Length on the wire, in bytes.</summary>
    public const int Size = 24;

    private const int MaxLost = 0x7F_FFFF;

    /// <summary>Reads one block from at least <see cref="Size"/> bytes.</summary>
    internal static ReportBlock Read(ReadOnlySpan<byte> block) => new(
        new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(block)),
        block[4],
        BinaryPrimitives.ReadInt32BigEndian(block[4..]) << 8 >> 8,           // 24 bits, sign extended
        BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[20..]));

    /// <summary>Writes <see cref="Size"/> bytes; a loss beyond 24 bits stays at its limit (RFC 3550 appendix A.3).</summary>
    internal void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, Ssrc.Value);
        BinaryPrimitives.WriteInt32BigEndian(block[4..], Math.Clamp(CumulativeLost, -MaxLost - 1, MaxLost) & 0xFF_FFFF);
        block[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], ExtendedHighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], DelaySinceLastSenderReport);
    }
}
