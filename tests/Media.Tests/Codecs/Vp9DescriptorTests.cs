using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

/// <summary>Payloads made by hand from the figures of RFC 9628 section 4.2.</summary>
public sealed class Vp9DescriptorTests
{
    private static PayloadInfo Inspect(string hex)
    {
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.Vp9, Convert.FromHexString(hex), false, out PayloadInfo info));
        return info;
    }

    [Fact]
    public void Inspect_NonFlexibleLayers_HasIndicesAndTl0()
    {
        // I L B E | 15-bit 0x0123 | TID 1, U, SID 2, D | TL0PICIDX 0x44
        PayloadInfo info = Inspect("ac" + "8123" + "35" + "44" + "00");

        Assert.True(info is { IsFrameStart: true, IsFrameEnd: true, IsKeyFrame: false, IsSwitchingPoint: true, TemporalLayer: 1, SpatialLayer: 2 });
        Assert.Equal((15, 0x123, 1), (info.Vp9.PictureIdBits, info.Vp9.PictureId, info.Vp9.PictureIdAt));
        Assert.Equal((0x44, 4, 5), (info.Vp9.Tl0PicIdx, info.Vp9.Tl0PicIdxAt, info.Vp9.Length));
        Assert.True(info.Vp9 is { IsInterLayerPredicted: true, IsFlexible: false, HasLayers: true });
    }

    [Fact]
    public void Inspect_FlexibleWithThreeReferences_CountsThem()
    {
        // I P L F B | 7-bit 5 | TID 0 SID 0 | P_DIFF 1 N, 2 N, 3
        PayloadInfo info = Inspect("f8" + "05" + "00" + "03" + "05" + "06" + "00");

        Assert.Equal((3, 6, 7), (info.Vp9.ReferenceCount, info.Vp9.Length, info.Vp9.PictureIdBits));
        Assert.Equal(0, info.Vp9.Tl0PicIdxAt);                         // flexible mode has no TL0PICIDX
        Assert.False(info.IsKeyFrame);
    }

    [Fact]
    public void Inspect_FourthReference_IsMalformed() =>
        Assert.Equal(DropReason.Malformed, PayloadInspector.Inspect(MediaCodec.Vp9, Convert.FromHexString("d8" + "05" + "03050709" + "00"), false, out _));

    [Fact]
    public void Inspect_FlexibleWithoutPictureId_IsMalformed() =>
        Assert.Equal(DropReason.Malformed, PayloadInspector.Inspect(MediaCodec.Vp9, Convert.FromHexString("18" + "00"), false, out _));

    [Fact]
    public void Inspect_KeyFrameOfLowestLayerOnly_IsAKeyFrame()
    {
        Assert.True(Inspect("a8" + "05" + "00" + "00" + "00").IsKeyFrame);  // I L B, SID 0
        Assert.False(Inspect("a8" + "05" + "03" + "00" + "00").IsKeyFrame); // SID 1 of the same picture
        Assert.False(Inspect("a0" + "05" + "00" + "00" + "00").IsKeyFrame); // not the first packet
        Assert.True(Inspect("08" + "00").IsKeyFrame);                       // no indices at all
    }

    [Fact]
    public void Inspect_ScalabilityStructure_TellsLayersAndSize()
    {
        // I L B V | id | layers, TL0 | N_S 2 (3 layers), Y, G | 3 sizes | N_G 4: T and R as in a 3-layer temporal pattern
        PayloadInfo info = Inspect("aa" + "05" + "00" + "00" + "58" + "00a0005a" + "014000b4" + "02800168" + "04" + "00" + "4404" + "2402" + "480102" + "00");

        Assert.Equal((3, 3), (info.Vp9.Structure.SpatialLayers, info.Vp9.Structure.TemporalLayers));
        Assert.Equal((640, 360), (info.Width, info.Height));
        Assert.Equal(4 + 1 + 12 + 1 + 1 + 2 + 2 + 3, info.Vp9.Length);
    }

    [Fact]
    public void Inspect_LargestStructure_IsSteppedOver()
    {
        byte[] payload = [0x0A, 0xF8, .. new byte[32], 255, .. Enumerable.Repeat<byte[]>([0x0C, 1, 2, 3], 255).SelectMany(picture => picture), 0x00];

        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.Vp9, payload, false, out PayloadInfo info));
        Assert.Equal(payload.Length - 1, info.Vp9.Length);
        for (int length = 0; length < payload.Length; length++)
            Assert.Equal(DropReason.Truncated, PayloadInspector.Inspect(MediaCodec.Vp9, payload.AsSpan(0, length), false, out _));
    }
}
