namespace Sfu.Recorder.Disk;

/// <summary>The limits of one node's disk; the later level never begins before the earlier one.</summary>
/// <param name="NoDerivations">From where on no playable files are made.</param>
/// <param name="NoNewRecordings">From where on no recording begins.</param>
/// <param name="Closed">From where on nothing is recorded.</param>
public sealed record DiskLimits(DiskLimit NoDerivations, DiskLimit NoNewRecordings, DiskLimit Closed)
{
    /// <summary>No limits: a full disk is found by the write that fails.</summary>
    public static DiskLimits Never { get; } = new(DiskLimit.Never, DiskLimit.Never, DiskLimit.Never);

    /// <summary>The level of a file system.</summary>
    /// <param name="use">How full it is now.</param>
    /// <param name="previous">Its level before.</param>
    public DiskLevel At(DiskUse use, DiskLevel previous)
    {
        if (Closed.Holds(use, previous >= DiskLevel.Closed)) return DiskLevel.Closed;
        if (NoNewRecordings.Holds(use, previous >= DiskLevel.NoNewRecordings)) return DiskLevel.NoNewRecordings;
        return NoDerivations.Holds(use, previous >= DiskLevel.NoDerivations) ? DiskLevel.NoDerivations : DiskLevel.Roomy;
    }
}
