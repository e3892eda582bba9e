using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

/// <summary>Payloads made by hand from the figures of RFC 6184 sections 5.6 to 5.8.</summary>
public sealed class H264PayloadTests
{
    private static DropReason Inspect(string hex, out PayloadInfo info, bool marker = false) =>
        PayloadInspector.Inspect(MediaCodec.H264, Convert.FromHexString(hex), marker, out info);

    private static PayloadInfo Inspect(string hex)
    {
        Assert.Equal(DropReason.None, Inspect(hex, out PayloadInfo info));
        return info;
    }

    [Theory]
    [InlineData("65" + "88", true, true, false)]      // IDR slice, first macroblock
    [InlineData("65" + "40", false, false, false)]    // a later slice of the IDR picture
    [InlineData("61" + "9a", false, true, false)]     // first slice of another picture
    [InlineData("61" + "40", false, false, false)]
    [InlineData("01" + "9a", false, true, true)]      // nal_ref_idc 0
    [InlineData("67" + "42", true, true, false)]      // SPS
    [InlineData("68" + "ce", false, true, false)]     // PPS
    [InlineData("06" + "05", false, true, false)]     // SEI
    [InlineData("09" + "10", false, true, false)]     // access unit delimiter
    public void Inspect_SingleUnit_IsKnownByItsType(string hex, bool isKeyFrame, bool isFrameStart, bool isDiscardable)
    {
        PayloadInfo info = Inspect(hex);

        Assert.Equal((isKeyFrame, isFrameStart, isDiscardable), (info.IsKeyFrame, info.IsFrameStart, info.IsDiscardable));
    }

    [Fact]
    public void Inspect_StapA_LooksAtEveryUnit()
    {
        Assert.True(Inspect("78" + "0002" + "6742" + "0002" + "68ce").IsKeyFrame);             // SPS, PPS
        Assert.True(Inspect("78" + "0002" + "0605" + "0002" + "6588").IsKeyFrame);             // SEI, IDR
        Assert.False(Inspect("78" + "0002" + "0605" + "0002" + "619a").IsKeyFrame);
        Assert.True(Inspect("18" + "0002" + "019a" + "0002" + "0140").IsDiscardable);
        Assert.False(Inspect("78" + "0002" + "019a" + "0002" + "6140").IsDiscardable);         // one of them is referred to
    }

    [Fact]
    public void Inspect_OtherAggregates_StepOverTheirOrderFields()
    {
        Assert.True(Inspect("79" + "0001" + "0002" + "6742").IsKeyFrame);                      // STAP-B: DON
        Assert.True(Inspect("7a" + "0001" + "0002" + "00" + "0000" + "6742").IsKeyFrame);      // MTAP16: DONB, DOND, offset
        Assert.True(Inspect("7b" + "0001" + "0002" + "00" + "000000" + "6742").IsKeyFrame);    // MTAP24
    }

    [Fact]
    public void Inspect_Fragments_StartOnlyWithTheFirst()
    {
        Assert.True(Inspect("7c" + "85" + "88").IsKeyFrame);                                   // FU-A, S, IDR
        Assert.False(Inspect("7c" + "05" + "88").IsKeyFrame);                                  // middle
        Assert.False(Inspect("7c" + "45" + "88").IsFrameStart);                                // end
        Assert.False(Inspect("7c" + "85" + "40").IsFrameStart);                                // first fragment of a later slice
        Assert.True(Inspect("7d" + "85" + "0001" + "88").IsKeyFrame);                          // FU-B: DON
        Assert.True(Inspect("1c" + "81" + "9a").IsDiscardable);
    }

    [Theory]
    [InlineData("60", DropReason.Malformed)]                       // type 0
    [InlineData("7e00", DropReason.Malformed)]                     // type 30
    [InlineData("7f00", DropReason.Malformed)]                     // type 31
    [InlineData("7c", DropReason.Truncated)]
    [InlineData("7c85", DropReason.Truncated)]
    [InlineData("7c9c00", DropReason.Malformed)]                   // a fragment of a fragment
    [InlineData("7d85000188", DropReason.None)]
    [InlineData("7d850001", DropReason.Truncated)]
    [InlineData("78", DropReason.Truncated)]                       // no unit
    [InlineData("780000", DropReason.Malformed)]                   // empty unit
    [InlineData("78000367", DropReason.Truncated)]                 // unit longer than the packet
    [InlineData("78ffff67", DropReason.Truncated)]
    [InlineData("7800026742ff", DropReason.Truncated)]             // half a length
    [InlineData("78000278ce", DropReason.Malformed)]               // aggregate inside an aggregate
    public void Inspect_BrokenPackets_AreRefused(string hex, DropReason expected) => Assert.Equal(expected, Inspect(hex, out _));
}
