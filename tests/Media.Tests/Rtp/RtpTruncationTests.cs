using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Rtp;

/// <summary>Every recorded packet, cut off at every length, through every reader of RTP.</summary>
public sealed class RtpTruncationTests
{
    [Fact]
    public void Read_EveryLengthCutOff_NeverThrowsAndStaysInside()
    {
        int taken = 0;
        foreach (RecordedPacket packet in RecordedPackets.All.Where(packet => !packet.IsRtcp))
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(packet.Bytes, out RtpHeader whole));
            for (int length = 0; length < packet.Bytes.Length; length++)
            {
                ReadOnlySpan<byte> cut = packet.Bytes.AsSpan(0, length);
                DropReason reason = RtpHeader.Parse(cut, out RtpHeader header);
                Assert.Equal(length < whole.PayloadAt ? DropReason.Truncated : DropReason.None, reason);
                if (reason != DropReason.None) continue;
                taken += ReadAll(cut, header);
            }
        }
        Assert.True(taken > 0);
    }

    private static int ReadAll(ReadOnlySpan<byte> packet, in RtpHeader header)
    {
        int taken = 0;
        var reader = new HeaderExtensionReader(packet, header);
        while (reader.MoveNext(out _, out ReadOnlySpan<byte> value)) taken += value.Length;
        if (header.TryGetPayload(packet, out int length) != DropReason.None) return taken;
        Assert.InRange(length, 0, packet.Length - header.PayloadAt);
        if (RtxPacket.Undo(packet.ToArray(), header, 96, default, out Span<byte> restored) == DropReason.None)
            Assert.Equal(packet.Length - RtxPacket.OriginalSequenceNumberSize, restored.Length);
        if (RedPayload.TryParse(packet.Slice(header.PayloadAt, length), out RedPayload red) != DropReason.None) return taken;
        while (red.MoveNext(out RedBlock block)) taken += block.Data.Length;
        return taken;
    }
}
