using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

/// <summary>Payloads made by hand from the figures of RFC 7798 section 4.4. A header is type &lt;&lt; 1, then layer id and TID plus 1.</summary>
public sealed class H265PayloadTests
{
    private static PayloadInfo Inspect(string hex)
    {
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(MediaCodec.H265, Convert.FromHexString(hex), false, out PayloadInfo info));
        return info;
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(21)]
    public void Inspect_RandomAccessPicture_IsAKeyFrame(int type)
    {
        string header = $"{type << 1:x2}01";
        Assert.True(Inspect(header + "80").IsKeyFrame);
        Assert.False(Inspect(header + "40").IsKeyFrame);               // a later slice segment
        Assert.True(Inspect("6201" + $"{0x80 | type:x2}" + "80").IsKeyFrame);   // FU, S
        Assert.False(Inspect("6201" + $"{0x40 | type:x2}" + "80").IsKeyFrame);  // FU, E
    }

    [Theory]
    [InlineData(32, true)]                             // VPS
    [InlineData(33, true)]                             // SPS
    [InlineData(34, false)]                            // PPS: may be repeated before any picture
    [InlineData(35, false)]                            // access unit delimiter
    [InlineData(39, false)]                            // prefix SEI
    public void Inspect_UnitBeforeAPicture_StartsAFrame(int type, bool isKeyFrame)
    {
        PayloadInfo info = Inspect($"{type << 1:x2}01ff");

        Assert.True(info.IsFrameStart);
        Assert.Equal(isKeyFrame, info.IsKeyFrame);
    }

    [Fact]
    public void Inspect_TemporalLayers_ComeFromTheHeader()
    {
        Assert.Equal(0, Inspect("0201" + "80").TemporalLayer);
        Assert.Equal(2, Inspect("0203" + "80").TemporalLayer);
        Assert.True(Inspect("0602" + "80").IsSwitchingPoint);          // TSA_R
        Assert.True(Inspect("0a02" + "80").IsSwitchingPoint);          // STSA_R
        Assert.False(Inspect("0202" + "80").IsSwitchingPoint);         // TRAIL_R
    }

    [Fact]
    public void Inspect_Aggregate_LooksAtEveryUnit()
    {
        Assert.True(Inspect("6001" + "0003" + "4e01ff" + "0003" + "260180").IsKeyFrame);       // SEI, IDR_W_RADL
        Assert.False(Inspect("6001" + "0003" + "4e01ff" + "0003" + "020180").IsKeyFrame);
        Assert.True(Inspect("6001" + "0002" + "4a01" + "0003" + "020180").IsFrameStart);       // a unit of a header only
    }

    [Fact]
    public void Inspect_Paci_LooksBehindTheExtensions()
    {
        // A 0, cType 19 (IDR_W_RADL), PHSsize 3, F0: TSCI of 3 bytes, then the slice.
        Assert.True(Inspect("6401" + "2638" + "aabbcc" + "80").IsKeyFrame);
        // cType 49: an FU whose start is an IDR slice.
        Assert.True(Inspect("6401" + "6200" + "93" + "80").IsKeyFrame);
    }

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("2601", DropReason.Truncated)]
    [InlineData("260080", DropReason.Malformed)]                   // TID plus 1 is 0
    [InlineData("660180", DropReason.Malformed)]                   // type 51
    [InlineData("620193", DropReason.Truncated)]                   // FU without payload
    [InlineData("6201b180", DropReason.Malformed)]                 // FU of an FU
    [InlineData("600100", DropReason.Truncated)]
    [InlineData("6001000126", DropReason.Malformed)]               // unit shorter than its header
    [InlineData("60010003600180", DropReason.Malformed)]           // aggregate inside an aggregate
    [InlineData("6000000326018000", DropReason.Malformed)]
    [InlineData("64012638aabb", DropReason.Truncated)]             // extensions longer than the packet
    [InlineData("64012638aabbcc", DropReason.Truncated)]           // nothing behind the extensions
    [InlineData("6401640080", DropReason.Malformed)]               // PACI inside PACI
    public void Inspect_BrokenPackets_AreRefused(string hex, DropReason expected) =>
        Assert.Equal(expected, PayloadInspector.Inspect(MediaCodec.H265, Convert.FromHexString(hex), false, out _));
}
