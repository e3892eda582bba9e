namespace Sfu.Observability;

/// <summary>What of the recorder failed; label values of <c>sfu_recording_failures_total</c>.</summary>
internal enum RecorderFailureKind
{
    /// <summary>A write, sync or new file of the write-ahead log.</summary>
    Log,

    /// <summary>A segment could not be read back, written or signed, or its keys could not be stored.</summary>
    Segment,

    /// <summary>An event or message found no room in the queue.</summary>
    RefusedEvent,

    /// <summary>The time-stamp authority gave no usable answer.</summary>
    TimeStamp,

    /// <summary>An error of the recorder's own code.</summary>
    Internal,
}
