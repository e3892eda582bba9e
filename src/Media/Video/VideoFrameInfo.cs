using Sfu.Media.Time;

namespace Sfu.Media.Video;

/// <summary>What is known of one complete frame.</summary>
public readonly record struct VideoFrameInfo
{
    /// <summary>RTP time stamp, extended to 64 bits; 90 kHz.</summary>
    public long Timestamp { get; init; }

    /// <summary>Extended number of the frame's first packet.</summary>
    public long FirstSequence { get; init; }

    /// <summary>Extended number of its last packet.</summary>
    public long LastSequence { get; init; }

    /// <summary>When the first of its packets to come came.</summary>
    public MediaTime FirstReceivedAt { get; init; }

    /// <summary>When the last of its packets to come came: since then the frame is whole.</summary>
    public MediaTime LastReceivedAt { get; init; }

    /// <summary>The frame needs no other one.</summary>
    public bool IsKeyFrame { get; init; }

    /// <summary>Every frame that this one needs was given out before and is decodable itself, as far as the stream tells.</summary>
    public bool IsDecodable { get; init; }

    /// <summary>Decoding began at a recovery point rather than at a key frame, and the picture is not right yet: decode, do not show.
    /// Only with <see cref="IsDecodable"/>; H.264 and H.265.</summary>
    public bool IsRecovering { get; init; }

    /// <summary>No other frame refers to this one, as its payload says.</summary>
    public bool IsDiscardable { get; init; }

    /// <summary>The RTP marker was seen at its end; else a newer time stamp ended it.</summary>
    public bool HasMarker { get; init; }

    /// <summary>Packets given up since the frame given out before.</summary>
    public long LostPacketsBefore { get; init; }

    /// <summary>A layer of the picture was lost, or left out because it cannot be decoded; VP9 and AV1.</summary>
    public bool IsMissingLayers { get; init; }

    /// <summary>Layer frames in the bytes: 1, or more with spatial layers.</summary>
    public int LayerFrames { get; init; }

    /// <summary>Highest spatial layer in the bytes, 0 to 7.</summary>
    public int SpatialLayer { get; init; }

    /// <summary>Temporal layer, 0 to 7; 0 when the stream does not say.</summary>
    public int TemporalLayer { get; init; }

    /// <summary>Width in pixels as coded, before rotation; 0 before the stream told it.</summary>
    public int Width { get; init; }

    /// <summary>Height in pixels as coded, before rotation; 0 before the stream told it.</summary>
    public int Height { get; init; }

    /// <summary>The size differs from that of the frame given out before; also set when it becomes known.</summary>
    public bool IsResolutionChanged { get; init; }

    /// <summary>A parameter set (AV1: sequence header) came that was not known, or not with this content.</summary>
    public bool AreParameterSetsChanged { get; init; }

    /// <summary>How to turn the picture.</summary>
    public VideoRotation Rotation { get; init; }

    /// <summary>The rotation differs from that of the frame given out before.</summary>
    public bool IsRotationChanged { get; init; }
}
