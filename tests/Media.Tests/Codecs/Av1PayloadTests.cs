using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

/// <summary>Payloads made by hand from the AV1 RTP specification section 4.4. OBU headers: 0x08 sequence header, 0x18 frame header,
/// 0x20 tile group, 0x30 frame; +0x02 with a size field, +0x04 with an extension.</summary>
public sealed class Av1PayloadTests
{
    private static PayloadInfo Inspect(string hex, bool marker = false)
    {
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.Av1, Convert.FromHexString(hex), marker, out PayloadInfo info));
        return info;
    }

    [Fact]
    public void Inspect_NewSequence_IsAKeyFrame()
    {
        PayloadInfo info = Inspect("28" + "02" + "0800" + "3010", marker: true);   // W 2, N: sequence header, frame

        Assert.True(info is { IsKeyFrame: true, IsFrameStart: true, IsFrameEnd: true, IsSwitchingPoint: true });
        Assert.True(Inspect("18" + "3010").IsKeyFrame);                            // N alone
    }

    [Fact]
    public void Inspect_SequenceHeaderWithoutN_CountsWithAKeyFrameOnly()
    {
        Assert.True(Inspect("20" + "02" + "0800" + "3010").IsKeyFrame);            // frame_type 0 follows
        Assert.False(Inspect("20" + "02" + "0800" + "3030").IsKeyFrame);           // frame_type 1 follows
        Assert.False(Inspect("20" + "02" + "0800" + "3090").IsKeyFrame);           // show_existing_frame follows
        Assert.True(Inspect("10" + "0800").IsKeyFrame);                            // the frame comes later
        Assert.True(Inspect("20" + "02" + "0800" + "320110").IsKeyFrame);          // the frame has its own size field
    }

    [Fact]
    public void Inspect_ElementsWithLengths_AreAllWalked()
    {
        PayloadInfo info = Inspect("00" + "02" + "3030" + "03" + "200000" + "00"); // W 0: frame, tile group, empty element

        Assert.True(info is { IsFrameStart: true, IsKeyFrame: false });
    }

    [Fact]
    public void Inspect_Continuation_StartsNothing()
    {
        Assert.False(Inspect("90" + "0800").IsFrameStart);                         // Z: not a header, whatever it looks like
        Assert.False(Inspect("90" + "0800").IsKeyFrame);
        Assert.False(Inspect("a0" + "02" + "ffff" + "3010").IsFrameStart);         // a frame begins, but not the packet
        Assert.False(Inspect("10" + "2000").IsFrameStart);                         // tile group of a frame begun before
    }

    [Fact]
    public void Inspect_LayersInTheExtension_AreRead()
    {
        PayloadInfo info = Inspect("10" + "34" + "48" + "30");                     // temporal 2, spatial 1

        Assert.Equal((2, 1), (info.TemporalLayer, info.SpatialLayer));
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("10", DropReason.Truncated)]
    [InlineData("9830", DropReason.Malformed)]                     // Z and N
    [InlineData("1080", DropReason.Malformed)]                     // forbidden bit
    [InlineData("000530", DropReason.Truncated)]                   // element longer than the packet
    [InlineData("0080", DropReason.Truncated)]                     // length not finished
    [InlineData("00ffffffffffffffffff01", DropReason.Truncated)]   // length of more than 8 bytes
    [InlineData("00ffffffff1f30", DropReason.Truncated)]           // length over 2^32
    [InlineData("20ff30", DropReason.Truncated)]
    [InlineData("20023030", DropReason.Truncated)]                 // W says two elements, one is there
    [InlineData("30013001", DropReason.Truncated)]
    public void Inspect_BrokenPackets_AreRefused(string hex, DropReason expected) =>
        Assert.Equal(expected, PayloadInspector.Inspect(MediaCodec.Av1, Convert.FromHexString(hex), false, out _));

    [Fact]
    public void Inspect_PacketOfSmallestElements_EndsInTime()
    {
        byte[] payload = [0x00, .. new byte[1400]];                    // 1,400 elements of length 0

        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.Av1, payload, false, out PayloadInfo info));
        Assert.False(info.IsFrameStart);
    }
}
