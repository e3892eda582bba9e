namespace Sfu.Verify;

/// <summary>What a check ends with; the number is the exit code (docs/evidence.md section 7).</summary>
public enum Verdict
{
    /// <summary>Genuine and sealed, nothing is missing.</summary>
    ValidComplete = 0,

    /// <summary>Genuine and sealed; packets are missing, and listed.</summary>
    ValidWithGaps = 1,

    /// <summary>All that is there is genuine, but the end is missing.</summary>
    Truncated = 2,

    /// <summary>Something was changed, swapped, added or removed.</summary>
    Tampered = 3,

    /// <summary>A signer is not in keys.json, or its root is not the pinned one.</summary>
    UnknownKey = 4,

    /// <summary>A token is missing, or its authority is not known.</summary>
    TimeUnattested = 5,

    /// <summary>Parts were erased, as the manifest declares.</summary>
    RedactedAsDeclared = 6,

    /// <summary>No recording can be found at the path, or a file cannot be read.</summary>
    InputError = 7,
}
