using Sfu.Media.Codecs;

namespace Sfu.Recorder.Derivation;

/// <summary>One coded frame or audio packet on the timeline of a recording: what muxers and decoders are fed with.</summary>
public sealed record EncodedUnit
{
    /// <summary>Its codec.</summary>
    public required MediaCodec Codec { get; init; }

    /// <summary>When it was captured, in nanoseconds from the start of the recording.</summary>
    public required long At { get; init; }

    /// <summary>How long it sounds, in nanoseconds; 0 for pictures, which last until the next.</summary>
    public long Duration { get; init; }

    /// <summary>The coded bytes: H.264 and H.265 with start codes, AV1 OBUs with sizes and without temporal delimiter.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Decoding may start with it; true for all audio.</summary>
    public bool IsKey { get; init; } = true;

    /// <summary>SSRC that sent it: a new one begins a new part.</summary>
    public uint Ssrc { get; init; }

    /// <summary>Picture width in pixels as coded; 0 when not known.</summary>
    public int Width { get; init; }

    /// <summary>Picture height in pixels as coded; 0 when not known.</summary>
    public int Height { get; init; }

    /// <summary>Degrees by which the picture is to be turned clockwise: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Packets were lost between it and the one before.</summary>
    public bool IsAfterLoss { get; init; }

    /// <summary>Parameter sets (H.264, H.265: with start codes; AV1: the sequence header OBU); empty for others.</summary>
    public ReadOnlyMemory<byte> ParameterSets { get; init; }

    /// <summary>Channels of sound: 1 or 2; 0 for pictures.</summary>
    public int Channels { get; init; }

    /// <summary>True for a picture.</summary>
    public bool IsVideo => Codec is MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.H264 or MediaCodec.H265 or MediaCodec.Av1;
}
