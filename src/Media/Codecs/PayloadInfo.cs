namespace Sfu.Media.Codecs;

/// <summary>What routing needs to know of one RTP payload; the same for every codec. Read by <see cref="PayloadInspector"/>.</summary>
public readonly record struct PayloadInfo
{
    /// <summary>The packet begins a frame that needs no earlier one: decoding may start with it. Always true for audio.</summary>
    /// <remarks>H.264 and H.265: also set on parameter sets that come in packets of their own before such a frame, and again on the
    /// frame's first slice; the first packet that says so is the one to start with. VP9: the lowest spatial layer only.</remarks>
    public bool IsKeyFrame { get; init; }

    /// <summary>The packet begins a frame (VP9: one layer of a frame). Where a codec puts headers of a frame into packets of their own
    /// (H.264, H.265, AV1), several packets of the frame may say so. Always true for audio.</summary>
    public bool IsFrameStart { get; init; }

    /// <summary>The packet ends a frame (VP9: one layer of a frame; the whole picture ends with the RTP marker). Always true for audio.</summary>
    public bool IsFrameEnd { get; init; }

    /// <summary>Forwarding of this temporal layer may begin with this frame: it needs nothing of this or a higher one from before.
    /// True for key frames.</summary>
    public bool IsSwitchingPoint { get; init; }

    /// <summary>The payload says that no other frame refers to this one (VP8 N bit, H.264 nal_ref_idc 0).</summary>
    public bool IsDiscardable { get; init; }

    /// <summary>Spatial layer inside this RTP stream, 0 (lowest) to 7; 0 when the payload does not say.</summary>
    public byte SpatialLayer { get; init; }

    /// <summary>Temporal layer, 0 (lowest) to 7; 0 when the payload does not say.</summary>
    public byte TemporalLayer { get; init; }

    /// <summary>Picture width in pixels when this payload tells it (VP8 key frame, VP9 scalability structure), else 0.</summary>
    public ushort Width { get; init; }

    /// <summary>Picture height in pixels when this payload tells it, else 0.</summary>
    public ushort Height { get; init; }

    /// <summary>Length of the sound in the packet, in samples at 48 kHz, when it is Opus; else 0.</summary>
    public ushort OpusSamples { get; init; }

    /// <summary>The packet holds no sound worth keeping: an Opus packet of discontinuous transmission (two bytes or fewer).</summary>
    public bool IsDtx { get; init; }

    /// <summary>The VP8 descriptor with the places of its numbers; <c>default</c> for other codecs.</summary>
    public Vp8Descriptor Vp8 { get; init; }

    /// <summary>The VP9 descriptor with the places of its numbers; <c>default</c> for other codecs.</summary>
    public Vp9Descriptor Vp9 { get; init; }
}
