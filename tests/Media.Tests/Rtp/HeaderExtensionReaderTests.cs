using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Rtp;

/// <summary>Header extension elements: RFC 8285 sections 4.2 and 4.3.</summary>
public sealed class HeaderExtensionReaderTests
{
    private const string FixedHeader = "906f0001 00000002 00000003";

    [Theory]
    [InlineData("bede0001 10aa0000", "1:AA")]
    [InlineData("bede0001 11aabb00", "1:AABB")]
    [InlineData("bede0002 0010aa00 21bbcc00", "1:AA 2:BBCC")]                       // padding before, between and behind
    [InlineData("bede0002 10aa20bb f0cc30dd", "1:AA 2:BB")]                         // 15: the rest is ignored
    [InlineData("bede0002 10aa01bb cc30dd00", "1:AA")]                              // 0 with a length: ends the walk (section 4.2)
    [InlineData("bede0001 1faabbcc", "")]                                           // 16 bytes announced, 3 there
    [InlineData("bede0001 10aa2f00", "1:AA")]
    [InlineData("bede0000", "")]
    [InlineData("10000001 01020304", "1:0304")]
    [InlineData("100f0001 01020304", "1:0304")]                                     // appbits are not part of the profile
    [InlineData("10000002 010000ff 03aabbcc", "1: 255:AABBCC")]                     // an empty value, padding, id 255
    [InlineData("10000002 0f01aa00 10000000", "15:AA 16:")]                         // 15 is an id like any other
    [InlineData("10000001 00000001", "")]                                           // an id without a length
    [InlineData("10000001 01030304", "")]
    [InlineData("10100001 01020304", "")]                                           // neither profile
    [InlineData("dead0001 10aa0000", "")]
    public void MoveNext_Elements_AreInOrder(string extension, string expected) =>
        Assert.Equal(expected, Elements(Hex.Bytes(FixedHeader + extension)));

    [Fact]
    public void MoveNext_ContributingSources_AreSkipped() =>
        Assert.Equal("3:AA", Elements(Hex.Bytes("926f0001 00000002 00000003 10aa10aa 10aa10aa bede0001 30aa0000")));

    [Fact]
    public void WriteThenRead_AnyElements_AreTheSame() =>
        Gen.Bool.SelectMany(twoByte => Gen.Select(
                Gen.Const(twoByte), Gen.Byte[1, twoByte ? (byte)255 : (byte)14], Gen.Byte.Array[twoByte ? 0 : 1, twoByte ? 200 : 16])
            .Select((_, id, value) => (id, value)).Array[0, 5].Select(elements => (twoByte, elements)))
        .Sample(input =>
        {
            byte[] buffer = new byte[1200];
            var writer = new RtpHeaderWriter(buffer, true, 96, new SequenceNumber(1), new RtpTimestamp(2), new Ssrc(3), input.twoByte);
            foreach ((byte id, byte[] value) in input.elements) writer.AddExtension(id, value);
            int length = writer.Finish();

            Assert.Equal(0, length % 4);
            Assert.Equal(string.Join(' ', input.elements.Select(e => $"{e.id}:{Convert.ToHexString(e.value)}")), Elements(buffer.AsSpan(0, length)));
        });

    private static string Elements(ReadOnlySpan<byte> packet)
    {
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        var found = new List<string>();
        var reader = new HeaderExtensionReader(packet, header);
        while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value)) found.Add($"{id}:{Convert.ToHexString(value)}");
        return string.Join(' ', found);
    }
}
