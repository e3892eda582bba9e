namespace Sfu.Media.Codecs;

/// <summary>Reads what routing needs from the payload of any codec, in place, without allocation.</summary>
public static class PayloadInspector
{
    private static readonly PayloadInfo PlainAudio = new() { IsKeyFrame = true, IsFrameStart = true, IsFrameEnd = true, IsSwitchingPoint = true };

    /// <summary>Inspects one payload.</summary>
    /// <param name="codec">What the payload type means.</param>
    /// <param name="payload">The payload without RTP header and padding; hostile. A packet of padding only has none and is not to be given.</param>
    /// <param name="marker">The RTP marker bit.</param>
    /// <param name="info">Valid only for <see cref="DropReason.None"/>.</param>
    /// <returns><see cref="DropReason.Truncated"/> or <see cref="DropReason.Malformed"/> for a payload no decoder could use.</returns>
    public static DropReason Inspect(MediaCodec codec, ReadOnlySpan<byte> payload, bool marker, out PayloadInfo info)
    {
        switch (codec)
        {
            case MediaCodec.Vp8: return InspectVp8(payload, marker, out info);
            case MediaCodec.Vp9: return InspectVp9(payload, out info);
            case MediaCodec.H264: return H264Payload.Inspect(payload, marker, out info);
            case MediaCodec.H265: return H265Payload.Inspect(payload, marker, out info);
            case MediaCodec.Av1: return Av1Payload.Inspect(payload, marker, out info);
            case MediaCodec.Opus: return InspectOpus(payload, out info);
            default:
                info = payload.IsEmpty ? default : PlainAudio;
                return payload.IsEmpty ? DropReason.Truncated : DropReason.None;
        }
    }

    private static DropReason InspectVp8(ReadOnlySpan<byte> payload, bool marker, out PayloadInfo info)
    {
        info = default;
        DropReason reason = Vp8Descriptor.Parse(payload, out Vp8Descriptor descriptor);
        if (reason != DropReason.None) return reason;
        ushort width = 0, height = 0;
        bool isKeyFrame = descriptor.IsKeyFrame(payload);
        if (isKeyFrame)
        {
            reason = descriptor.ReadFrameSize(payload, out width, out height);
            if (reason != DropReason.None) return reason;
        }
        info = new PayloadInfo
        {
            IsKeyFrame = isKeyFrame,
            IsFrameStart = descriptor.IsFrameStart,
            IsFrameEnd = marker,
            IsSwitchingPoint = isKeyFrame || descriptor.IsLayerSync,
            IsDiscardable = descriptor.IsNonReference,
            TemporalLayer = descriptor.TemporalLayer,
            Width = width,
            Height = height,
            Vp8 = descriptor,
        };
        return DropReason.None;
    }

    private static DropReason InspectVp9(ReadOnlySpan<byte> payload, out PayloadInfo info)
    {
        info = default;
        DropReason reason = Vp9Descriptor.Parse(payload, out Vp9Descriptor descriptor);
        if (reason != DropReason.None) return reason;
        info = new PayloadInfo
        {
            IsKeyFrame = descriptor.IsKeyFrameStart,
            IsFrameStart = descriptor.IsStart,
            IsFrameEnd = descriptor.IsEnd,
            IsSwitchingPoint = descriptor.IsKeyFrameStart || descriptor.IsSwitchingUpPoint,
            SpatialLayer = descriptor.SpatialLayer,
            TemporalLayer = descriptor.TemporalLayer,
            Width = descriptor.Structure.Width,
            Height = descriptor.Structure.Height,
            Vp9 = descriptor,
        };
        return DropReason.None;
    }

    private static DropReason InspectOpus(ReadOnlySpan<byte> payload, out PayloadInfo info)
    {
        info = default;
        DropReason reason = OpusPacket.Parse(payload, out OpusPacket opus);
        if (reason == DropReason.None) info = PlainAudio with { OpusSamples = opus.Samples, IsDtx = opus.IsDtx };
        return reason;
    }
}
