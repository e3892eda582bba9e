using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Router.Consumers;

namespace Sfu.Router.Tests.Consumers;

/// <summary>Numbers in payload descriptors of every form: found, written anew, and nothing else touched (RFC 7741 section 4.2, RFC 9628 section 4.2).</summary>
public sealed class PictureDescriptorTests
{
    [Theory]
    [InlineData(MediaCodec.Vp9, "0C", 0, 0)]                     // none
    [InlineData(MediaCodec.Vp9, "8C05", 2, 7)]                   // picture id of 7 bits
    [InlineData(MediaCodec.Vp9, "8C8105", 3, 15)]
    [InlineData(MediaCodec.Vp9, "2C0007", 3, 0)]                 // layers with TL0PICIDX, no picture id
    [InlineData(MediaCodec.Vp9, "AC050007", 4, 7)]
    [InlineData(MediaCodec.Vp9, "AC81050007", 5, 15)]
    [InlineData(MediaCodec.Vp9, "BC810500", 3, 15)]              // flexible mode: layers without TL0PICIDX
    [InlineData(MediaCodec.Vp8, "10", 0, 0)]                     // no extension
    [InlineData(MediaCodec.Vp8, "908005", 3, 7)]
    [InlineData(MediaCodec.Vp8, "90808105", 4, 15)]
    [InlineData(MediaCodec.Vp8, "90F081050730", 6, 15)]          // with TL0PICIDX, layer and key index
    public void Apply_OtherNumbers_AreReadBackAndNothingElseChanges(MediaCodec codec, string descriptor, int prefixLength, int pictureIdBits)
    {
        byte[] payload = [.. Convert.FromHexString(descriptor), 0x10, 0x00, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01];
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(codec, payload, marker: true, out PayloadInfo info));
        var picture = new PictureDescriptor(info);
        Assert.Equal((prefixLength, pictureIdBits), (picture.PrefixLength, picture.PictureIdBits));
        if (prefixLength == 0) return;

        bool hasId = pictureIdBits > 0, hasTl0 = picture.Tl0PicIdx == 7, hasKey = descriptor.StartsWith("90F0", StringComparison.Ordinal);
        var wanted = new WrittenNumbers((ushort)(hasId ? 0x71 : 0), (byte)(hasTl0 ? 200 : 0), (byte)(hasKey ? 9 : 0));
        byte[] written = [.. payload];
        wanted.Apply(info, written.AsSpan(0, prefixLength));

        Assert.Equal(DropReason.None, PayloadInspector.Inspect(codec, written, marker: true, out PayloadInfo again));
        Assert.Equal(wanted, new PictureDescriptor(again).Numbers);
        Assert.Equal(payload[prefixLength..], written[prefixLength..]);
        Assert.Equal((info.SpatialLayer, info.TemporalLayer, info.IsKeyFrame), (again.SpatialLayer, again.TemporalLayer, again.IsKeyFrame));
    }
}
