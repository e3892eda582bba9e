namespace Sfu.Recordings;

/// <summary>Why a recording could not start, was held, or ended early; snake_case on the wire and in metrics. A closed set.</summary>
[GenerateSerializer]
public enum RecordingCause
{
    /// <summary>This process has no recorder, or it does not run.</summary>
    RecorderDown,

    /// <summary>The recorder's thread did not renew its lease in time.</summary>
    RecorderStuck,

    /// <summary>What was received waits too long to be written.</summary>
    Lag,

    /// <summary>The disk is full, or fuller than recordings may make it.</summary>
    DiskFull,

    /// <summary>The disk takes no writes.</summary>
    DiskReadOnly,

    /// <summary>A write or sync failed for another reason.</summary>
    WriteError,

    /// <summary>Keys to seal with could not be had.</summary>
    Keys,

    /// <summary>An answer did not come in time.</summary>
    Timeout,

    /// <summary>The server process ended without order.</summary>
    NodeLost,

    /// <summary>An error of the server; it is logged.</summary>
    Internal,
}

/// <summary>Why a recording ended; snake_case on the wire and in the sealed manifest (<c>endReason</c>).</summary>
[GenerateSerializer]
public enum RecordingEndReason
{
    /// <summary>Somebody who may do so stopped it.</summary>
    Stopped,

    /// <summary>The room ended.</summary>
    RoomClosed,

    /// <summary>A call that must be recorded could not be, for too long.</summary>
    RecordingUnavailable,

    /// <summary>The recorder gave it up.</summary>
    Failed,

    /// <summary>Nobody owns it any more: its room was never opened, or its owner forgot it.</summary>
    Abandoned,
}

/// <summary>Why recording was paused; snake_case on the wire. A closed set; a text may say more.</summary>
[GenerateSerializer]
public enum PauseReason
{
    /// <summary>Card data is read out or shown (PCI DSS 3.3.1).</summary>
    Pci,

    /// <summary>Something that must stay private.</summary>
    Privacy,

    /// <summary>A part of the call that is agreed to be off the record.</summary>
    OffTheRecord,

    /// <summary>Privileged, such as with a lawyer.</summary>
    Legal,

    /// <summary>Anything else.</summary>
    Other,
}
