namespace Sfu.Recorder.Disk;

/// <summary>What a node may still use its disk for (RECORDING.md section 7). Each level holds what the ones before it do.</summary>
public enum DiskLevel
{
    /// <summary>Everything.</summary>
    Roomy,

    /// <summary>No playable files: they can be made later, a call cannot.</summary>
    NoDerivations,

    /// <summary>Only recordings that are open: a new one would not come to its end.</summary>
    NoNewRecordings,

    /// <summary>Only what ends in order those that are open: what must be recorded is held, told, ended and sealed with the last room.</summary>
    Closed,
}
