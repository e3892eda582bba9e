using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Rtp;

/// <summary>The fixed header, contributing sources, extension head and padding: RFC 3550 sections 5.1 and 5.3.1.</summary>
public sealed class RtpHeaderTests
{
    [Fact]
    public void Parse_EveryField_IsRead()
    {
        byte[] packet = Hex.Bytes("b1e01234 89abcdef fedcba98 00000001 10000001 01000000 aabbcc02");

        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));

        Assert.Equal(
            new RtpHeader(true, true, true, 96, new SequenceNumber(0x1234), new RtpTimestamp(0x89abcdef), new Ssrc(0xfedcba98), 1, 20, 4, 0x1000, 24),
            header);
        Assert.Equal(DropReason.None, header.TryGetPayload(packet, out int length));
        Assert.Equal(2, length);
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("80600001 00000002 000000", DropReason.Truncated)]
    [InlineData("00600001 00000002 00000003", DropReason.BadVersion)]
    [InlineData("c0600001 00000002 00000003", DropReason.BadVersion)]
    [InlineData("81600001 00000002 00000003", DropReason.Truncated)]
    [InlineData("8f600001 00000002 00000003 00000000", DropReason.Truncated)]
    [InlineData("90600001 00000002 00000003", DropReason.Truncated)]
    [InlineData("90600001 00000002 00000003 bede0001", DropReason.Truncated)]
    [InlineData("90600001 00000002 00000003 bedeffff 00000000", DropReason.Truncated)]
    [InlineData("80600001 00000002 00000003", DropReason.None)]
    public void Parse_Lengths_AreChecked(string hex, DropReason reason) => Assert.Equal(reason, RtpHeader.Parse(Hex.Bytes(hex), out _));

    [Theory]
    [InlineData("a0600001 00000002 00000003", DropReason.BadPadding, 0)]            // P and no byte to hold the length
    [InlineData("a0600001 00000002 00000003 00", DropReason.BadPadding, 0)]
    [InlineData("a0600001 00000002 00000003 aa03", DropReason.BadPadding, 0)]
    [InlineData("a0600001 00000002 00000003 0002", DropReason.None, 0)]             // a probe: padding only
    [InlineData("a0600001 00000002 00000003 aabb0002", DropReason.None, 2)]
    [InlineData("80600001 00000002 00000003 aabb0002", DropReason.None, 4)]
    [InlineData("80600001 00000002 00000003", DropReason.None, 0)]
    public void TryGetPayload_Padding_IsTakenOff(string hex, DropReason reason, int length)
    {
        byte[] packet = Hex.Bytes(hex);
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        Assert.Equal(reason, header.TryGetPayload(packet, out int payload));
        if (reason == DropReason.None) Assert.Equal(length, payload);
    }

    [Fact]
    public void WriteThenParse_AnyFields_AreTheSame() =>
        Gen.Select(Gen.Bool, Gen.Byte[0, 127], Gen.UShort, Gen.UInt, Gen.UInt).Sample((marker, payloadType, sequence, timestamp, ssrc) =>
        {
            byte[] buffer = new byte[64];
            var writer = new RtpHeaderWriter(buffer, marker, payloadType, new SequenceNumber(sequence), new RtpTimestamp(timestamp), new Ssrc(ssrc));
            int length = writer.Finish();

            Assert.Equal(DropReason.None, RtpHeader.Parse(buffer.AsSpan(0, length), out RtpHeader header));
            Assert.Equal(
                new RtpHeader(false, false, marker, payloadType, new SequenceNumber(sequence), new RtpTimestamp(timestamp), new Ssrc(ssrc), 0, 0, 0, 0, 12),
                header);
        });

    [Fact]
    public void Distance_AcrossTheWrap_IsSerial()
    {
        Assert.Equal(2, new SequenceNumber(1).DistanceFrom(new SequenceNumber(0xFFFF)));
        Assert.Equal(-2, new SequenceNumber(0xFFFF).DistanceFrom(new SequenceNumber(1)));
        Assert.Equal(new SequenceNumber(0), new SequenceNumber(0xFFFF).Next);
        Assert.True(new SequenceNumber(0).IsNewerThan(new SequenceNumber(0x8001)));
        Assert.False(new SequenceNumber(0).IsNewerThan(new SequenceNumber(0)));
        Assert.Equal(16, new RtpTimestamp(6).DistanceFrom(new RtpTimestamp(0xFFFF_FFF6)));
        Assert.Equal(new RtpTimestamp(0xFFFF_FFFF), new RtpTimestamp(0).Add(-1));
    }
}
