using System.Text;
using CsCheck;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>SDES and BYE: RFC 3550 sections 6.5 and 6.6.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public void SourceDescription_OfChromium_HasItsCname()
    {
        byte[] datagram = Hex.Bytes("81ca000693b4bbfb0110346a4e446c557931515a586c763030770000");

        Assert.Equal(DropReason.None, SourceDescription.TryParse(RtcpFixture.Only(datagram), out SourceDescription description));

        Assert.True(description.MoveNext(out SdesChunk chunk));
        Assert.Equal(new Ssrc(0x93b4bbfb), chunk.Ssrc);
        Assert.True(chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> cname));
        Assert.Equal("4jNDlUy1QZXlv00w", Encoding.UTF8.GetString(cname));
        Assert.False(chunk.TryGet(SdesItemType.Mid, out _));
        Assert.False(description.MoveNext(out _));
    }

    [Fact]
    public void SourceDescription_TwoChunks_AreEachPaddedTo32Bits()
    {
        // First chunk: CNAME "ab" and its end fill 8 bytes and more; second: MID "0", then CNAME "".
        byte[] datagram = Hex.Bytes("82ca0007 00000001 0102616200000000 00000002 0f01300100000000 00000000");

        Assert.Equal(DropReason.None, SourceDescription.TryParse(RtcpFixture.Only(datagram), out SourceDescription description));

        Assert.True(description.MoveNext(out SdesChunk chunk));
        Assert.True(chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> text));
        Assert.Equal("ab", Encoding.UTF8.GetString(text));
        Assert.True(description.MoveNext(out chunk));
        Assert.Equal(2u, chunk.Ssrc.Value);
        Assert.True(chunk.TryGet(SdesItemType.Mid, out text));
        Assert.Equal("0", Encoding.UTF8.GetString(text));
        Assert.True(chunk.TryGet(SdesItemType.Cname, out text));
        Assert.True(text.IsEmpty);
        Assert.False(description.MoveNext(out _));
    }

    [Theory]
    [InlineData("81ca0000")]                                                        // a chunk announced, none there
    [InlineData("82ca0001 00000001")]
    [InlineData("81ca0002 00000001 01016101")]                                      // an item without a length
    [InlineData("81ca0002 00000001 01036162")]                                      // item longer than the packet
    [InlineData("81ca0002 00000001 0100ff01")]
    [InlineData("82ca0002 00000001 00000000")]
    public void SourceDescription_BrokenChunk_IsTruncated(string hex) =>
        Assert.Equal(DropReason.Truncated, SourceDescription.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void SourceDescription_OfFirefox_EndsWithThePacket()
    {
        byte[] datagram = Hex.Bytes(
            "81ca000b08ebdd2801267b34306230336462392d383665642d346335362d616138362d6433373838653163623537647d");

        Assert.Equal(DropReason.None, SourceDescription.TryParse(RtcpFixture.Only(datagram), out SourceDescription description));

        Assert.True(description.MoveNext(out SdesChunk chunk));
        Assert.True(chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> cname));
        Assert.Equal("{40b03db9-86ed-4c56-aa86-d3788e1cb57d}", Encoding.UTF8.GetString(cname));
        Assert.False(description.MoveNext(out _));
    }

    [Fact]
    public void SourceDescription_NoChunk_IsEmpty()
    {
        Assert.Equal(DropReason.None, SourceDescription.TryParse(RtcpFixture.Only(Hex.Bytes("80ca0000")), out SourceDescription description));
        Assert.False(description.MoveNext(out _));
    }

    [Fact]
    public void WriteSourceDescription_AnyCname_IsReadBack() =>
        Gen.Byte.Array[0, 255].Sample(cname =>
        {
            var writer = new RtcpWriter(new byte[300]);
            Assert.True(writer.WriteSourceDescription(new Ssrc(5), cname));
            Assert.Equal(0, writer.Length % 4);
            Assert.Equal(DropReason.None, SourceDescription.TryParse(RtcpFixture.Only(writer.Written), out SourceDescription description));
            Assert.True(description.MoveNext(out SdesChunk chunk));
            Assert.True(chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> read));
            Assert.Equal(cname, read.ToArray());
        });

    [Fact]
    public void Goodbye_SourcesAndReason_AreRead()
    {
        Assert.Equal(DropReason.None, Goodbye.TryParse(RtcpFixture.Only(Hex.Bytes("82cb0004 00000001 00000002 04627965 21000000")), out Goodbye goodbye));

        Assert.Equal((2, new Ssrc(2)), (goodbye.Sources.Count, goodbye.Sources[1]));
        Assert.Equal("bye!", Encoding.UTF8.GetString(goodbye.Reason));
    }

    [Theory]
    [InlineData("81cb0002 00000001 04627965", DropReason.Malformed)]                // a reason longer than the packet (CVE-2021-43804)
    [InlineData("81cb0002 00000001 ff000000", DropReason.Malformed)]
    [InlineData("82cb0001 00000001", DropReason.Truncated)]
    [InlineData("9fcb0001 00000001", DropReason.Truncated)]
    [InlineData("81cb0001 00000001", DropReason.None)]
    [InlineData("80cb0000", DropReason.None)]
    [InlineData("81cb0002 00000001 00000000", DropReason.None)]
    public void Goodbye_Lengths_AreChecked(string hex, DropReason reason) =>
        Assert.Equal(reason, Goodbye.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void WriteGoodbye_AnySourcesAndReason_AreReadBack() =>
        Gen.Select(Gen.UInt.Array[0, 31], Gen.Byte.Array[0, 255]).Sample((sources, reason) =>
        {
            Ssrc[] ssrcs = [.. sources.Select(value => new Ssrc(value))];
            var writer = new RtcpWriter(new byte[500]);
            Assert.True(writer.WriteGoodbye(ssrcs, reason));
            Assert.Equal(DropReason.None, Goodbye.TryParse(RtcpFixture.Only(writer.Written), out Goodbye goodbye));
            Assert.Equal(ssrcs.Length, goodbye.Sources.Count);
            for (int i = 0; i < ssrcs.Length; i++) Assert.Equal(ssrcs[i], goodbye.Sources[i]);
            Assert.Equal(reason, goodbye.Reason.ToArray());
        });

    [Fact]
    public void Write_MoreThanTheFieldsHold_IsRefused()
    {
        var writer = new RtcpWriter(new byte[1200]);
        Assert.False(writer.WriteSourceDescription(default, new byte[256]));
        Assert.False(writer.WriteGoodbye(new Ssrc[32]));
        Assert.False(writer.WriteGoodbye([default], new byte[256]));
        Assert.False(writer.WriteRemb(default, default, new Ssrc[256]));
        Assert.False(writer.WriteFullIntraRequest(default, []));
        Assert.False(writer.WriteNack(default, default, [], out _));
        Assert.Equal(0, writer.Length);
    }
}
