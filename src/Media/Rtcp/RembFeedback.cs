using System.Buffers.Binary;
using System.Numerics;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Rtcp;

/// <summary>REMB: what the receiver estimates that the path carries, read in place (draft-alvestrand-rmcat-remb-03 section 2.2).</summary>
public readonly ref struct RembFeedback
{
    internal const int FixedSize = 16;
    internal const int MantissaBits = 18;
    internal const uint Identifier = 0x52_45_4D_42;                          // "REMB"

    private RembFeedback(ReadOnlySpan<byte> body)
    {
        SenderSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body));
        uint rate = BinaryPrimitives.ReadUInt32BigEndian(body[12..]) & 0xFF_FFFF;
        Bitrate = Shift(rate & ((1u << MantissaBits) - 1), (int)(rate >> MantissaBits));
        Sources = new SsrcList(body.Slice(FixedSize, body[12] * 4));
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.Remb"/>; a source count that is not the packet's is malformed.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out RembFeedback remb)
    {
        remb = default;
        if (packet.Kind != RtcpKind.Remb) return DropReason.Malformed;
        if (packet.Body.Length < FixedSize) return DropReason.Truncated;
        if (packet.Body.Length != FixedSize + packet.Body[12] * 4) return DropReason.Malformed;
        remb = new RembFeedback(packet.Body);
        return DropReason.None;
    }

    /// <summary>Who estimates.</summary>
    public Ssrc SenderSsrc { get; }

    /// <summary>The estimate; a rate beyond 63 bits reads as the largest one. A claim, to be clamped by who uses it.</summary>
    public Bitrate Bitrate { get; }

    /// <summary>The streams the estimate is for; 0 to 255.</summary>
    public SsrcList Sources { get; }

    /// <summary>True when application layer feedback is REMB and not something else.</summary>
    internal static bool HasIdentifier(ReadOnlySpan<byte> body) =>
        body.Length >= RtcpFormat.FeedbackHeadSize + 4 && BinaryPrimitives.ReadUInt32BigEndian(body[RtcpFormat.FeedbackHeadSize..]) == Identifier;

    // 18 bits by up to 63: mediasoup PR 1386 is what happens when nobody looks.
    private static Bitrate Shift(uint mantissa, int exponent) =>
        mantissa == 0 ? default
        : BitOperations.LeadingZeroCount((ulong)mantissa) <= exponent ? new Bitrate(long.MaxValue)
        : new Bitrate((long)mantissa << exponent);
}
