namespace Sfu.Media.Video;

/// <summary>What a depacketizer found out about one complete layer frame; see <see cref="VideoFrameInfo"/> for the meanings.</summary>
internal readonly record struct LayerFacts
{
    /// <summary>Needs no other frame.</summary>
    public bool IsKeyFrame { get; init; }

    /// <summary>Everything it needs is decodable and was given out.</summary>
    public bool IsDecodable { get; init; }

    /// <summary>Decoding began at a recovery point and is not right yet.</summary>
    public bool IsRecovering { get; init; }

    /// <summary>Nothing refers to it.</summary>
    public bool IsDiscardable { get; init; }

    /// <summary>Spatial layer, 0 to 7.</summary>
    public int SpatialLayer { get; init; }

    /// <summary>Temporal layer, 0 to 7.</summary>
    public int TemporalLayer { get; init; }

    /// <summary>In pixels, or 0 when not known.</summary>
    public int Width { get; init; }

    /// <summary>In pixels, or 0 when not known.</summary>
    public int Height { get; init; }
}
