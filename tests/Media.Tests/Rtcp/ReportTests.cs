using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>SR and RR: RFC 3550 sections 6.4.1 and 6.4.2.</summary>
public sealed class ReportTests
{
    private const string Block = "00000007 40fffffe 00021234 00000011 aabbccdd 00010000";
    private static readonly ReportBlock BlockValue = new(new Ssrc(7), 0x40, -2, 0x0002_1234, 0x11, 0xAABB_CCDD, 0x1_0000);

    [Fact]
    public void SenderReport_OfChromium_IsRead()
    {
        // tests/Vectors/rtp, chromium-vp8 at 1,579 ms.
        byte[] datagram = Hex.Bytes("80c8000693b4bbfbeeaffe42bfee2c98eb2f9c660000001e00002342");

        Assert.Equal(DropReason.None, SenderReport.TryParse(RtcpFixture.Only(datagram), out SenderReport report));

        Assert.Equal(new Ssrc(0x93b4bbfb), report.Ssrc);
        Assert.Equal(new NtpTime(0xeeaffe42_bfee2c98), report.Ntp);
        Assert.Equal(0xfe42_bfee, report.Ntp.Middle32);
        Assert.Equal(new RtpTimestamp(0xeb2f9c66), report.Timestamp);
        Assert.Equal((30u, 0x2342u, 0), (report.PacketCount, report.OctetCount, report.Blocks.Count));
    }

    [Fact]
    public void SenderReport_WithBlocksAndExtension_YieldsTheBlocks()
    {
        byte[] datagram = Hex.Bytes("82c80013 00000001 0000000200000003 00000004 00000005 00000006" + Block + Block + "0badcafe");

        Assert.Equal(DropReason.None, SenderReport.TryParse(RtcpFixture.Only(datagram), out SenderReport report));

        Assert.Equal(2, report.Blocks.Count);
        Assert.Equal(BlockValue, report.Blocks[1]);
    }

    [Fact]
    public void ReceiverReport_WithBlock_IsRead()
    {
        Assert.Equal(DropReason.None, ReceiverReport.TryParse(RtcpFixture.Only(Hex.Bytes("81c90007 00000001" + Block)), out ReceiverReport report));

        Assert.Equal((new Ssrc(1), 1), (report.Ssrc, report.Blocks.Count));
        Assert.Equal(BlockValue, report.Blocks[0]);
    }

    [Theory]
    [InlineData("82c90007 00000001" + Block)]                                       // two blocks announced, one there
    [InlineData("80c90000")]
    [InlineData("80c80005 00000001 0000000200000003 00000004 00000005")]
    [InlineData("81c80006 00000001 0000000200000003 00000004 00000005 00000006")]
    public void TryParse_TooShortForItsCount_IsTruncated(string hex)
    {
        RtcpPacket packet = RtcpFixture.Only(Hex.Bytes(hex));
        Assert.Equal(DropReason.Truncated, RtcpFixture.ReadWhole(packet));
    }

    [Theory]
    [InlineData("80c90001 00000001")]
    [InlineData("81cd0003 00000001 00000002 00010000")]
    public void TryParse_AnotherKind_IsMalformed(string hex)
    {
        RtcpPacket packet = RtcpFixture.Only(Hex.Bytes(hex));
        Assert.Equal(DropReason.Malformed, SenderReport.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, SourceDescription.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, Goodbye.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, PictureLossIndication.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, FullIntraRequest.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, RembFeedback.TryParse(packet, out _));
        Assert.Equal(DropReason.Malformed, TransportCcFeedback.TryParse(packet, out _));
        Assert.True(ReceiverReport.TryParse(packet, out _) == DropReason.Malformed || NackFeedback.TryParse(packet, out _) == DropReason.Malformed);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(0x7F_FFFF, 0x7F_FFFF)]
    [InlineData(0x80_0000, 0x7F_FFFF)]                                              // stays at the limit (RFC 3550 appendix A.3)
    [InlineData(-0x80_0000, -0x80_0000)]
    [InlineData(int.MinValue, -0x80_0000)]
    public void CumulativeLost_Is24BitsSigned(int written, int read)
    {
        var writer = new RtcpWriter(new byte[64]);
        Assert.True(writer.WriteReceiverReport(new Ssrc(1), [BlockValue with { CumulativeLost = written }]));
        Assert.Equal(DropReason.None, ReceiverReport.TryParse(RtcpFixture.Only(writer.Written), out ReceiverReport report));
        Assert.Equal(BlockValue with { CumulativeLost = read }, report.Blocks[0]);
    }

    [Fact]
    public void WriteSenderReport_Blocks_AreTheBytesOfTheVector()
    {
        var writer = new RtcpWriter(new byte[100]);
        Assert.True(writer.WriteSenderReport(new Ssrc(1), new NtpTime(0x0000_0002_0000_0003), new RtpTimestamp(4), 5, 6, [BlockValue]));
        Assert.Equal(Hex.Bytes("81c8000c 00000001 0000000200000003 00000004 00000005 00000006" + Block), writer.Written.ToArray());
    }

    [Fact]
    public void WriteReceiverReport_31Blocks_AreTheLimit()
    {
        var blocks = new ReportBlock[32];
        var writer = new RtcpWriter(new byte[1200]);
        Assert.False(writer.WriteReceiverReport(new Ssrc(1), blocks));
        Assert.False(writer.WriteSenderReport(new Ssrc(1), default, default, 0, 0, blocks));
        Assert.Equal(0, writer.Length);
        Assert.True(writer.WriteReceiverReport(new Ssrc(1), blocks.AsSpan(0, 31)));
        Assert.Equal(8 + 31 * 24, writer.Length);
        Assert.Equal(DropReason.None, ReceiverReport.TryParse(RtcpFixture.Only(writer.Written), out ReceiverReport report));
        Assert.Equal(31, report.Blocks.Count);
    }
}
