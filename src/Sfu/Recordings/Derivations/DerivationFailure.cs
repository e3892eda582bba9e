namespace Sfu.Recordings.Derivations;

/// <summary>Why files could not be made; snake_case on the wire. A closed set.</summary>
public enum DerivationFailure
{
    /// <summary>No segment of the recording is signed, or its folder is not on this machine.</summary>
    NoEvidence,

    /// <summary>The evidence has nothing of what is wanted: no such track, or nothing came on it.</summary>
    NothingToDerive,

    /// <summary>The keys of the recording are not on this machine, or were destroyed.</summary>
    KeysMissing,

    /// <summary>The evidence is not what its manifests say: <c>:verify</c> tells more.</summary>
    EvidenceUnreadable,

    /// <summary>The disk did not take the files, or is too full for them (<c>Sfu:Recording:Disk</c>).</summary>
    Disk,

    /// <summary>There was no progress for too long.</summary>
    Stalled,

    /// <summary>The program that makes files is not beside the server, or cannot be started.</summary>
    ProgramMissing,

    /// <summary>The program failed or crashed; it is logged.</summary>
    ProgramFailed,

    /// <summary>Too many derivations wait.</summary>
    Busy,

    /// <summary>An error of the server; it is logged.</summary>
    Internal,
}
