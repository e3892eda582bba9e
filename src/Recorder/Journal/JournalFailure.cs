namespace Sfu.Recorder.Journal;

/// <summary>Why bytes are not what the journal writes (docs/evidence.md sections 2 to 4).</summary>
public enum JournalFailure
{
    /// <summary>They are.</summary>
    None,

    /// <summary>They end too early.</summary>
    Truncated,

    /// <summary>They do not begin with the magic.</summary>
    BadMagic,

    /// <summary>Another version of the format.</summary>
    BadVersion,

    /// <summary>A kind that does not belong here.</summary>
    BadKind,

    /// <summary>A flag that this version does not know.</summary>
    BadFlags,

    /// <summary>A size above its limit.</summary>
    BadSize,

    /// <summary>The crc does not fit: a torn write or a changed byte.</summary>
    BadChecksum,

    /// <summary>The side index contradicts itself.</summary>
    BadIndex,

    /// <summary>A record contradicts its chunk.</summary>
    BadRecord,

    /// <summary>The seal does not open: other key, other place in the chain, or changed bytes.</summary>
    BadSeal,

    /// <summary>A chunk is not the next one of its recording.</summary>
    BadOrder,

    /// <summary>A chunk of another recording.</summary>
    BadRecording,

    /// <summary>The vault has no key for it: never stored, or destroyed.</summary>
    NoKey,

    /// <summary>The file system says no.</summary>
    Unreadable,
}
