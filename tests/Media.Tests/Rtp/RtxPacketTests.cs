using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Rtp;

/// <summary>Undoing RTX: RFC 4588 section 4.</summary>
public sealed class RtxPacketTests
{
    [Theory]
    [InlineData("80610001 00000002 00000003 1234aa", DropReason.None)]
    [InlineData("80610001 00000002 00000003 1234", DropReason.None)]                     // an original without a payload
    [InlineData("80610001 00000002 00000003", DropReason.RtxWithoutOriginal)]
    [InlineData("80610001 00000002 00000003 12", DropReason.RtxWithoutOriginal)]
    [InlineData("a0610001 00000002 00000003 00000004", DropReason.RtxWithoutOriginal)]   // Chromium's probe: padding only
    [InlineData("a0610001 00000002 00000003 12000003", DropReason.RtxWithoutOriginal)]
    [InlineData("a0610001 00000002 00000003 12340002", DropReason.None)]
    [InlineData("a0610001 00000002 00000003 12340005", DropReason.BadPadding)]
    [InlineData("a0610001 00000002 00000003 12340000", DropReason.BadPadding)]
    public void TryGetOriginal_Payload_IsChecked(string hex, DropReason reason)
    {
        byte[] packet = Hex.Bytes(hex);
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        Assert.Equal(reason, RtxPacket.TryGetOriginal(packet, header, out SequenceNumber original));
        Assert.Equal(reason == DropReason.None ? 0x1234 : 0, original.Value);
        Assert.Equal(reason, RtxPacket.Undo(packet, header, 96, default, out _));
    }

    [Fact]
    public void Undo_Packet_RestoresTheOriginal()
    {
        byte[] packet = Hex.Bytes("b1e10001 00000002 00000003 000000ff bede0001 10aa0000 1234 deadbeef 0002");
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));

        Assert.Equal(DropReason.None, RtxPacket.Undo(packet, header, 96, new Ssrc(0x55), out Span<byte> restored));

        Assert.Equal(Hex.Bytes("b1e01234 00000002 00000055 000000ff bede0001 10aa0000 deadbeef 0002"), restored.ToArray());
    }

    [Fact]
    public void Undo_AnyWrappedPacket_IsTheOriginal() =>
        Gen.Select(Gen.Byte[0, 127], Gen.UShort, Gen.UInt, Gen.Byte.Array[0, 300], Gen.Byte.Array[1, 16]).Sample((payloadType, sequence, ssrc, payload, mid) =>
        {
            byte[] original = Make(payloadType, sequence, ssrc, mid, payload);
            byte[] rtx = Make(97, 7, 8, mid, [(byte)(sequence >> 8), (byte)sequence, .. payload]);
            Assert.Equal(DropReason.None, RtpHeader.Parse(rtx, out RtpHeader header));

            Assert.Equal(DropReason.None, RtxPacket.Undo(rtx, header, payloadType, new Ssrc(ssrc), out Span<byte> restored));

            Assert.Equal(original, restored.ToArray());
        });

    private static byte[] Make(byte payloadType, ushort sequence, uint ssrc, byte[] mid, byte[] payload)
    {
        byte[] buffer = new byte[64];
        var writer = new RtpHeaderWriter(buffer, true, payloadType, new SequenceNumber(sequence), new RtpTimestamp(9), new Ssrc(ssrc));
        writer.AddExtension(4, mid);
        return [.. buffer.AsSpan(0, writer.Finish()), .. payload];
    }
}
