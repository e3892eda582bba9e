using Sfu.Media.Rtcp;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>The frame of a compound: RFC 3550 section 6.1 and appendix A.2, RFC 5506.</summary>
public sealed class RtcpReaderTests
{
    [Fact]
    public void MoveNext_Compound_YieldsEveryPacket()
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(Hex.Bytes("80c90001 00000001" + "81ca0002 00000001 01010000" + "81ce0002 00000001 00000002"), out RtcpReader reader));

        Assert.True(reader.MoveNext(out RtcpPacket packet));
        Assert.Equal((RtcpKind.ReceiverReport, RtcpPacketType.ReceiverReport, 0, 4), (packet.Kind, packet.Type, packet.Count, packet.Body.Length));
        Assert.True(reader.MoveNext(out packet));
        Assert.Equal((RtcpKind.SourceDescription, 1, 8), (packet.Kind, packet.Count, packet.Body.Length));
        Assert.True(reader.MoveNext(out packet));
        Assert.Equal((RtcpKind.PictureLoss, 1, 8), (packet.Kind, packet.Count, packet.Body.Length));
        Assert.False(reader.MoveNext(out _));
    }

    [Theory]
    [InlineData("81cd0003 00000001 00000002 00010000", RtcpKind.Nack)]
    [InlineData("8fcd0005 00000001 00000002 00010001 00000000 20010000", RtcpKind.TransportCc)]
    [InlineData("81ce0002 00000001 00000002", RtcpKind.PictureLoss)]
    [InlineData("84ce0004 00000001 00000000 00000002 01000000", RtcpKind.FullIntraRequest)]
    [InlineData("8fce0004 00000001 00000000 52454d42 00000000", RtcpKind.Remb)]
    [InlineData("8fce0004 00000001 00000000 52454d43 00000000", RtcpKind.Other)]   // application layer feedback, but not REMB
    [InlineData("8fce0000", RtcpKind.Other)]
    [InlineData("82ce0002 00000001 00000002", RtcpKind.Other)]                     // SLI
    [InlineData("85cd0002 00000001 00000002", RtcpKind.Other)]
    [InlineData("80cc0002 00000001 6e616d65", RtcpKind.Other)]                     // APP
    [InlineData("80cf0001 00000001", RtcpKind.Other)]                              // XR
    [InlineData("80000000", RtcpKind.Other)]
    public void MoveNext_ReducedSize_NamesTheKind(string hex, RtcpKind kind)
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(Hex.Bytes(hex), out RtcpReader reader));
        Assert.True(reader.MoveNext(out RtcpPacket packet));
        Assert.Equal(kind, packet.Kind);
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("80c9", DropReason.Truncated)]
    [InlineData("80c90001 000000", DropReason.Truncated)]
    [InlineData("80c90002 00000001", DropReason.Truncated)]
    [InlineData("40c90001 00000001", DropReason.BadVersion)]
    [InlineData("80c90001 00000001 00", DropReason.Truncated)]
    [InlineData("80c90001 00000001 00ca0000", DropReason.BadVersion)]              // the second packet spoils the first
    [InlineData("80c90001 00000001 80caffff", DropReason.Truncated)]
    [InlineData("a0c90000", DropReason.BadPadding)]
    [InlineData("a0c90001 00000000", DropReason.BadPadding)]
    [InlineData("a0c90001 00000005", DropReason.BadPadding)]
    public void Open_BrokenFrame_RefusesTheDatagram(string hex, DropReason reason)
    {
        Assert.Equal(reason, RtcpReader.Open(Hex.Bytes(hex), out RtcpReader reader));
        Assert.False(reader.MoveNext(out _));
    }

    [Theory]
    [InlineData("a1ce0003 00000001 00000002 00000004", 8)]
    [InlineData("a1ce0002 00000001 00000208", 0)]
    public void MoveNext_Padding_IsNotPartOfTheBody(string hex, int body)
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(Hex.Bytes(hex), out RtcpReader reader));
        Assert.True(reader.MoveNext(out RtcpPacket packet));
        Assert.Equal(body, packet.Body.Length);
    }

    [Fact]
    public void MoveNext_PaddingOfAPacketInTheMiddle_IsTaken()
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(Hex.Bytes("a0c90002 00000001 00000004 80c90001 00000002"), out RtcpReader reader));
        Assert.True(reader.MoveNext(out RtcpPacket packet));
        Assert.Equal(4, packet.Body.Length);
        Assert.True(reader.MoveNext(out packet));
        Assert.Equal(2, packet.Body[3]);
        Assert.False(reader.MoveNext(out _));
    }
}
