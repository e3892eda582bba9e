using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtp;

namespace Sfu.Fuzz.Targets;

/// <summary>Payload descriptors of every codec: first the codec, then the marker, then the payload.</summary>
internal sealed class PayloadTarget : FuzzTarget
{
    private static readonly MediaCodec[] Codecs = Enum.GetValues<MediaCodec>();

    private readonly byte[] _copy = new byte[64 * 1024];

    public override string Name => "payload";

    public override string SeedKind => "payload";

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (RecordedPacket packet in RecordedPackets.All.Where((packet, i) => !packet.IsRtcp && i % 3 == 0))
        {
            RtpHeader.Parse(packet.Bytes, out RtpHeader header);
            if (CodecOf(packet.Case, header.PayloadType) is not { } codec) continue;
            header.TryGetPayload(packet.Bytes, out int length);
            yield return [(byte)Array.IndexOf(Codecs, codec), header.Marker ? (byte)1 : (byte)0, .. packet.Bytes.AsSpan(header.PayloadAt, length)];
        }
        byte h265 = (byte)Array.IndexOf(Codecs, MediaCodec.H265), vp9 = (byte)Array.IndexOf(Codecs, MediaCodec.Vp9), av1 = (byte)Array.IndexOf(Codecs, MediaCodec.Av1);
        yield return [h265, 1, 0x26, 0x01, 0xAF, 0x09, 0x40];                                       // IDR
        yield return [h265, 0, 0x62, 0x01, 0x93, 0x80, 1, 2, 3];                                    // FU, start
        yield return [h265, 1, 0x60, 0x01, 0x00, 0x03, 0x40, 0x01, 0x0C, 0x00, 0x03, 0x26, 0x01, 0xAF]; // AP: VPS, IDR
        yield return [vp9, 1, 0xAA, 0x81, 0x23, 0x10, 0x05, 0x38, 0x01, 0x40, 0x00, 0xB4, 0x02, 0x80, 0x01, 0x68, 0x02, 0x20, 0x00]; // scalability structure
        yield return [av1, 1, 0x18, 0x0A, 0x03, 0, 0, 0, 0x32, 1, 2, 3];                            // new sequence
    }

    public override long Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return 0;
        MediaCodec codec = Codecs[input[0] % Codecs.Length];
        ReadOnlySpan<byte> payload = input[2..];
        DropReason reason = PayloadInspector.Inspect(codec, payload, (input[1] & 1) != 0, out PayloadInfo info);
        if (reason != DropReason.None) return 1 + (long)codec * 100 + (long)reason;
        Oracle.That(info.SpatialLayer <= 7 && info.TemporalLayer <= 7, "a layer is out of its range");
        Oracle.That(!info.IsKeyFrame || info.IsFrameStart || codec is MediaCodec.H264 or MediaCodec.H265 or MediaCodec.Av1, "a key frame is said to begin inside a frame");
        if (codec == MediaCodec.Vp8) CheckVp8(payload, info.Vp8);
        if (codec == MediaCodec.Vp9) Oracle.That(info.Vp9.Length <= payload.Length, "VP9: the descriptor is longer than the payload");
        return 1_000_000 + (long)codec * 4096 + (info.IsKeyFrame ? 1 : 0) + (info.IsFrameStart ? 2 : 0) + (info.IsFrameEnd ? 4 : 0) + (info.IsSwitchingPoint ? 8 : 0)
            + (info.IsDiscardable ? 16 : 0) + (info.Width > 0 ? 32 : 0) + 64 * info.TemporalLayer + 512 * info.SpatialLayer;
    }

    private void CheckVp8(ReadOnlySpan<byte> payload, Vp8Descriptor descriptor)
    {
        Oracle.That(descriptor.Length > 0 && descriptor.Length <= payload.Length, "VP8: the descriptor is longer than the payload");
        Span<byte> copy = _copy.AsSpan(0, payload.Length);
        payload.CopyTo(copy);
        descriptor.Rewrite(copy, 0x1234, 0x56, 0x0B);
        Oracle.That(Vp8Descriptor.Parse(copy, out Vp8Descriptor again) == DropReason.None, "VP8: a rewritten descriptor is refused");
        Vp8Descriptor expected = descriptor with
        {
            PictureId = descriptor.PictureIdBits switch { 15 => 0x1234, 7 => 0x34, _ => descriptor.PictureId },
            Tl0PicIdx = descriptor.Tl0PicIdxAt != 0 ? (byte)0x56 : descriptor.Tl0PicIdx,
            KeyIdx = descriptor.HasKeyIdx ? (byte)0x0B : descriptor.KeyIdx,
        };
        Oracle.That(again == expected, "VP8: a rewritten descriptor differs in more than its numbers");
        Oracle.That(copy[descriptor.Length..].SequenceEqual(payload[descriptor.Length..]), "VP8: rewriting changed the frame");
    }

    private static MediaCodec? CodecOf(string recording, byte payloadType) => (recording.Split('-')[0], payloadType) switch
    {
        ("chromium", 96) or ("firefox", 120) => MediaCodec.Vp8,
        ("chromium", 98) => MediaCodec.Vp9,
        ("chromium", 102) => MediaCodec.H264,
        ("chromium", 45) or ("firefox", 99) => MediaCodec.Av1,
        ("chromium", 111) or ("firefox", 109) => MediaCodec.Opus,
        _ => null,
    };
}
