namespace Sfu.Media.Video;

/// <summary>What a <see cref="FrameAssembler"/> has seen so far. All are counts from its start.</summary>
public readonly record struct FrameAssemblerStatistics
{
    /// <summary>Packets given to it.</summary>
    public long Packets { get; init; }

    /// <summary>Packets that were there already.</summary>
    public long Duplicates { get; init; }

    /// <summary>Packets that came after their place was passed.</summary>
    public long Late { get; init; }

    /// <summary>Packets refused because as many as may already waited.</summary>
    public long Refused { get; init; }

    /// <summary>Packets whose content no decoder could use.</summary>
    public long Malformed { get; init; }

    /// <summary>Numbers given up: packets that never came, or came late.</summary>
    public long LostPackets { get; init; }

    /// <summary>Frames given out.</summary>
    public long Frames { get; init; }

    /// <summary>Frames given out that cannot be decoded.</summary>
    public long UndecodableFrames { get; init; }

    /// <summary>Frames of which something came, but not all.</summary>
    public long IncompleteFrames { get; init; }

    /// <summary>Frames longer, or of more units, than allowed; also counted as incomplete.</summary>
    public long OversizedFrames { get; init; }
}
