using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Rtp;

/// <summary>Redundant audio: RFC 2198 sections 3 and 5.</summary>
public sealed class RedPayloadTests
{
    // The example of RFC 2198 section 5 in small: DVI4 (5) of 4 bytes, 20 ms older (160 ticks of 8 kHz), in front of LPC (7).
    private const string Example = "85028004 07 aabbccdd 112233";

    [Fact]
    public void MoveNext_ExampleOfTheRfc_YieldsTheOlderBlockFirst()
    {
        Assert.Equal(DropReason.None, RedPayload.TryParse(Hex.Bytes(Example), out RedPayload red));

        Assert.True(red.MoveNext(out RedBlock block));
        Assert.Equal((5, 160, "AABBCCDD"), (block.PayloadType, block.TimestampOffset, Convert.ToHexString(block.Data)));
        Assert.True(red.MoveNext(out block));
        Assert.Equal((7, 0, "112233"), (block.PayloadType, block.TimestampOffset, Convert.ToHexString(block.Data)));
        Assert.False(red.MoveNext(out _));
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("ef", DropReason.Truncated)]
    [InlineData("ef000000", DropReason.Truncated)]                                  // no primary
    [InlineData("ef000002 6f aa", DropReason.Truncated)]                            // a block longer than the payload
    [InlineData("ef0003ff 6f aa", DropReason.Truncated)]
    [InlineData("6f", DropReason.None)]                                             // an empty primary
    [InlineData("ef000001 6f aa", DropReason.None)]
    [InlineData("6f aabb", DropReason.None)]
    public void TryParse_Lengths_AreChecked(string hex, DropReason reason) => Assert.Equal(reason, RedPayload.TryParse(Hex.Bytes(hex), out _));

    [Theory]
    [InlineData(31, DropReason.None)]
    [InlineData(32, DropReason.Malformed)]
    public void TryParse_ManyBlocks_HasALimit(int redundant, DropReason reason) =>
        Assert.Equal(reason, RedPayload.TryParse(Hex.Bytes(string.Concat(Enumerable.Repeat("ef000000", redundant)) + "6f"), out _));

    [Fact]
    public void WriteThenRead_AnyBlocks_AreTheSame() =>
        Gen.Select(Gen.Select(Gen.Byte[0, 127], Gen.Int[0, 0x3FFF], Gen.Byte.Array[0, 60]).Array[0, 6], Gen.Byte[0, 127], Gen.Byte.Array[0, 60])
        .Sample((older, primaryType, primary) =>
        {
            IEnumerable<byte> heads = older.SelectMany(b => new[]
            {
                (byte)(0x80 | b.Item1), (byte)(b.Item2 >> 6), (byte)(b.Item2 << 2 | b.Item3.Length >> 8), (byte)b.Item3.Length,
            });
            byte[] payload = [.. heads, primaryType, .. older.SelectMany(b => b.Item3), .. primary];

            Assert.Equal(DropReason.None, RedPayload.TryParse(payload, out RedPayload red));
            Assert.True(red.Primary.Data.SequenceEqual(primary));
            foreach ((byte type, int offset, byte[] data) in older.Append((primaryType, 0, primary)))
            {
                Assert.True(red.MoveNext(out RedBlock block));
                Assert.Equal((type, offset), (block.PayloadType, block.TimestampOffset));
                Assert.Equal(data, block.Data.ToArray());
            }
            Assert.False(red.MoveNext(out _));
        });
}
