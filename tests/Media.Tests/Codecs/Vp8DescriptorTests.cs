using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

/// <summary>Payloads made by hand from the figures of RFC 7741 section 4.2 and RFC 6386 section 9.1.</summary>
public sealed class Vp8DescriptorTests
{
    private static PayloadInfo Inspect(string hex, bool marker = false)
    {
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.Vp8, Convert.FromHexString(hex), marker, out PayloadInfo info));
        return info;
    }

    [Fact]
    public void Inspect_OneByteDescriptor_StartsAFrame()
    {
        PayloadInfo info = Inspect("10" + "31", marker: true);         // S, PID 0; P = 1

        Assert.True(info is { IsFrameStart: true, IsFrameEnd: true, IsKeyFrame: false, IsDiscardable: false });
        Assert.Equal((1, 0, 0, 0), (info.Vp8.Length, info.Vp8.PictureIdBits, info.Vp8.PictureIdAt, info.Vp8.LayerByteAt));
    }

    [Fact]
    public void Inspect_KeyFrame_HasItsSizeWithoutTheScaleBits()
    {
        // Frame tag with P = 0, start code, 640 with scale 1, 360 with scale 2.
        PayloadInfo info = Inspect("10" + "100200" + "9d012a" + "8042" + "6881");

        Assert.True(info is { IsKeyFrame: true, IsSwitchingPoint: true, Width: 640, Height: 360 });
    }

    [Fact]
    public void Inspect_KeyFrameCutBeforeItsSize_IsStillOne()
    {
        PayloadInfo info = Inspect("10" + "1002009d012a80");

        Assert.True(info is { IsKeyFrame: true, Width: 0, Height: 0 });
    }

    [Fact]
    public void Inspect_KeyFrameWithoutStartCode_IsMalformed() =>
        Assert.Equal(DropReason.Malformed, PayloadInspector.Inspect(MediaCodec.Vp8, Convert.FromHexString("10" + "100200" + "9d012b" + "8002" + "6801"), false, out _));

    [Fact]
    public void Inspect_OtherPartitionOrMiddle_IsNoStart()
    {
        Assert.False(Inspect("11" + "00").IsFrameStart);               // S, but partition 1
        Assert.False(Inspect("11" + "00").IsKeyFrame);
        Assert.False(Inspect("00" + "00").IsFrameStart);               // continuation
    }

    [Fact]
    public void Parse_AllFieldsWithLongPictureId_HasEveryNumberAndPlace()
    {
        // X N S | I L T K | M + 0x1234 | 0x56 | TID 2, Y, KEYIDX 13
        PayloadInfo info = Inspect("b0" + "f0" + "9234" + "56" + "ad" + "01");
        Vp8Descriptor vp8 = info.Vp8;

        Assert.Equal((15, 0x1234, 2), (vp8.PictureIdBits, vp8.PictureId, vp8.PictureIdAt));
        Assert.Equal((0x56, 4), (vp8.Tl0PicIdx, vp8.Tl0PicIdxAt));
        Assert.Equal((2, 13, 5, 6), (vp8.TemporalLayer, vp8.KeyIdx, vp8.LayerByteAt, vp8.Length));
        Assert.True(info is { IsDiscardable: true, IsSwitchingPoint: true, TemporalLayer: 2 });
    }

    [Fact]
    public void Parse_ShortPictureId_TakesOneByte()
    {
        Vp8Descriptor vp8 = Inspect("90" + "80" + "7f" + "01").Vp8;

        Assert.Equal((7, 0x7F, 2, 3), (vp8.PictureIdBits, vp8.PictureId, vp8.PictureIdAt, vp8.Length));
    }

    [Fact]
    public void Parse_TidWithoutKeyIdx_IgnoresTheOtherHalfOfTheByte()
    {
        Vp8Descriptor onlyTid = Inspect("90" + "20" + "df" + "01").Vp8;
        Vp8Descriptor onlyKey = Inspect("90" + "10" + "ff" + "01").Vp8;

        Assert.Equal((3, false, false, 0), (onlyTid.TemporalLayer, onlyTid.IsLayerSync, onlyTid.HasKeyIdx, onlyTid.KeyIdx));
        Assert.Equal((0, false, true, 31), (onlyKey.TemporalLayer, onlyKey.IsLayerSync, onlyKey.HasKeyIdx, onlyKey.KeyIdx));
    }

    [Fact]
    public void Parse_CutAnywhereInTheDescriptor_IsTruncated()
    {
        byte[] whole = Convert.FromHexString("b0" + "f0" + "9234" + "56" + "ad" + "01");

        for (int length = 0; length < whole.Length; length++) Assert.Equal(DropReason.Truncated, Vp8Descriptor.Parse(whole.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("b0f0923456ad01", "b0f0ff0109ba01")]                  // 15 bits: the length bit stays
    [InlineData("b0f03456ad01", "b0f00109ba01")]                      // 7 bits
    [InlineData("9080345601", "9080015601")]                          // picture id only
    [InlineData("902034ad", "902034ad")]                              // TID without KEYIDX: nothing to write
    [InlineData("1001", "1001")]
    public void Rewrite_NewNumbers_ChangesOnlyThem(string before, string after)
    {
        byte[] payload = Convert.FromHexString(before);
        Assert.Equal(DropReason.None, Vp8Descriptor.Parse(payload, out Vp8Descriptor vp8));
        vp8.Rewrite(payload, 0x7F01, 0x09, 0x1A);

        Assert.Equal(after, Convert.ToHexStringLower(payload));
    }

    [Fact]
    public void Rewrite_ThenParse_GivesTheNewNumbers()
    {
        byte[] payload = Convert.FromHexString("b0" + "f0" + "9234" + "56" + "ad" + "01");
        Vp8Descriptor.Parse(payload, out Vp8Descriptor before);
        for (int id = 0; id < 0x8000; id += 97)
        {
            before.Rewrite(payload, (ushort)id, (byte)id, (byte)(id & 0x1F));
            Assert.Equal(DropReason.None, Vp8Descriptor.Parse(payload, out Vp8Descriptor after));
            Assert.Equal(before with { PictureId = (ushort)id, Tl0PicIdx = (byte)id, KeyIdx = (byte)(id & 0x1F) }, after);
        }
    }
}
