using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

public sealed class OpusPacketTests
{
    // RFC 6716 table 2, in samples at 48 kHz.
    [Fact]
    public void Parse_EveryConfiguration_HasTheLengthOfTable2()
    {
        int[] silk = [480, 960, 1920, 2880], hybrid = [480, 960], celt = [120, 240, 480, 960];
        int[] expected = [.. silk, .. silk, .. silk, .. hybrid, .. hybrid, .. celt, .. celt, .. celt, .. celt];
        for (int configuration = 0; configuration < 32; configuration++)
        {
            Assert.Equal(DropReason.None, OpusPacket.Parse([(byte)(configuration << 3), 1, 2], out OpusPacket packet));
            Assert.Equal((expected[configuration], 1, false), (packet.SamplesPerFrame, packet.FrameCount, packet.IsStereo));
        }
    }

    [Fact]
    public void Parse_FrameCodes_CountTheirFrames()
    {
        Assert.Equal(DropReason.None, OpusPacket.Parse([0x01, 1, 2], out OpusPacket two));          // code 1: equal halves
        Assert.Equal(DropReason.None, OpusPacket.Parse([0x06, 1, 9, 8, 7], out OpusPacket unequal)); // code 2, stereo
        Assert.Equal(DropReason.None, OpusPacket.Parse([0x03, 0x06, 1], out OpusPacket many));       // code 3: six frames

        Assert.Equal((2, 2, 6), (two.FrameCount, unequal.FrameCount, many.FrameCount));
        Assert.Equal((960, 2880), (two.Samples, many.Samples));
        Assert.True(unequal.IsStereo);
    }

    [Theory]
    [InlineData("78", true)]
    [InlineData("7801", true)]
    [InlineData("780102", false)]
    public void Parse_TwoBytesOrLess_IsDtx(string hex, bool expected)
    {
        Assert.Equal(DropReason.None, OpusPacket.Parse(Convert.FromHexString(hex), out OpusPacket packet));
        Assert.Equal(expected, packet.IsDtx);
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("0102", DropReason.Malformed)]                     // two equal frames in an odd number of bytes
    [InlineData("02", DropReason.Truncated)]                       // code 2 without a length
    [InlineData("020501", DropReason.Truncated)]                   // first frame longer than the packet
    [InlineData("02fc", DropReason.Truncated)]                     // two-byte length cut
    [InlineData("03", DropReason.Truncated)]                       // code 3 without a count
    [InlineData("0300", DropReason.Malformed)]                     // no frames
    [InlineData("1b03", DropReason.Malformed)]                     // 3 x 60 ms
    [InlineData("8331", DropReason.Malformed)]                     // 49 x 2.5 ms
    public void Parse_BrokenPackets_AreRefused(string hex, DropReason expected) =>
        Assert.Equal(expected, OpusPacket.Parse(Convert.FromHexString(hex), out _));
}
