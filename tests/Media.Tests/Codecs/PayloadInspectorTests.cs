using CsCheck;
using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Codecs;

[Collection("alone")]
public sealed class PayloadInspectorTests
{
    // Bytes that look like headers come often, so that the walk gets past the first check.
    private static readonly Gen<byte> Byte = Gen.Frequency(
        (4, Gen.Byte), (1, Gen.OneOf<byte>(0, 1, 2, 3, 0x10, 0x1C, 0x18, 0x60, 0x62, 0x64, 0x78, 0x7C, 0x80, 0x90, 0x9B, 0xB0, 0xF0, 0xFF)));

    [Fact]
    public void Inspect_AnyBytes_ReturnsAReasonAndStaysInsideThePayload() =>
        Gen.Select(Gen.Enum<MediaCodec>(), Byte.Array[0, 60], Gen.Bool).Sample(
            (codec, payload, marker) =>
            {
                DropReason reason = PayloadInspector.Inspect(codec, payload, marker, out PayloadInfo info);
                if (reason is not (DropReason.None or DropReason.Truncated or DropReason.Malformed)) return false;
                if (reason != DropReason.None) return info == default && (payload.Length > 0 || reason == DropReason.Truncated);
                return info.SpatialLayer <= 7 && info.TemporalLayer <= 7 && info.OpusSamples <= 5760
                    && info.Vp8.Length < payload.Length && info.Vp9.Length < payload.Length
                    && info.Vp8.PictureIdAt + info.Vp8.PictureIdBits / 8 < Math.Max(1, (int)info.Vp8.Length)
                    && (!info.IsKeyFrame || info.IsFrameStart);
            },
            iter: 100_000);

    [Theory]
    [InlineData(MediaCodec.Red)]
    [InlineData(MediaCodec.G722)]
    [InlineData(MediaCodec.Pcmu)]
    [InlineData(MediaCodec.Pcma)]
    [InlineData(MediaCodec.TelephoneEvent)]
    public void Inspect_OtherAudio_StandsAlone(MediaCodec codec)
    {
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(codec, [1, 2, 3], false, out PayloadInfo info));
        Assert.True(info is { IsKeyFrame: true, IsFrameStart: true, IsFrameEnd: true, OpusSamples: 0 });
    }

    [Fact]
    public void Inspect_100000Payloads_AllocatesNothing()
    {
        (MediaCodec Codec, byte[] Payload)[] samples =
            [.. RecordedRtp.All.Where(packet => packet.Codec is not null && packet.Payload.Length > 0).Select(packet => (packet.Codec!.Value, packet.Payload))];
        int understood = 0;
        long allocated = Allocations.Of(100_000, i =>
        {
            (MediaCodec codec, byte[] payload) = samples[i % samples.Length];
            if (PayloadInspector.Inspect(codec, payload, false, out _) == DropReason.None) understood++;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(101_000, understood);
    }
}
