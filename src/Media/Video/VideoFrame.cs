namespace Sfu.Media.Video;

/// <summary>One complete frame, in place: its bytes belong to the <see cref="FrameAssembler"/> that gave it out and are valid until the
/// next call to it.</summary>
public readonly ref struct VideoFrame
{
    internal VideoFrame(VideoFrameInfo info, ReadOnlySpan<byte> data, ReadOnlySpan<FrameUnit> units)
    {
        Info = info;
        Data = data;
        Units = units;
    }

    /// <summary>What is known of it; may be kept.</summary>
    public VideoFrameInfo Info { get; }

    /// <summary>What decoders and muxers take: a VP8 frame, a VP9 frame or superframe, NAL units as
    /// <see cref="FrameAssemblerOptions.Framing"/> says, or an AV1 temporal unit whose OBUs all have sizes.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The NAL units or OBUs in <see cref="Data"/>; VP8 and VP9: the frames of the layers.</summary>
    public ReadOnlySpan<FrameUnit> Units { get; }

    /// <summary>The bytes of one of <see cref="Units"/>.</summary>
    public ReadOnlySpan<byte> UnitAt(int index) => Data.Slice(Units[index].Offset, Units[index].Length);
}
