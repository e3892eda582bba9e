namespace Sfu.Media.Audio;

/// <summary>What an <see cref="AudioTimeline"/> has seen so far. All are counts from its start.</summary>
public readonly record struct AudioTimelineStatistics
{
    /// <summary>Packets given to it.</summary>
    public long Packets { get; init; }

    /// <summary>Packets that were there already.</summary>
    public long Duplicates { get; init; }

    /// <summary>Packets that came after their place was passed.</summary>
    public long Late { get; init; }

    /// <summary>Packets refused because as many as may already waited.</summary>
    public long Refused { get; init; }

    /// <summary>Packets no decoder could use, or of an unknown payload type; their time is a loss.</summary>
    public long Malformed { get; init; }

    /// <summary>Numbers given up: packets that never came, or came late.</summary>
    public long LostPackets { get; init; }

    /// <summary>Pieces of media that redundancy brought back.</summary>
    public long Recovered { get; init; }

    /// <summary>Packets whose time was taken already by others.</summary>
    public long Overlapping { get; init; }

    /// <summary>Jumps of the sender's time stamps.</summary>
    public long Discontinuities { get; init; }

    /// <summary>Packets of telephone events.</summary>
    public long TelephoneEvents { get; init; }
}
