namespace Sfu.Recorder.Capture;

/// <summary>What a tap hands over.</summary>
internal enum RingEntryKind : byte
{
    /// <summary>An RTP packet.</summary>
    Rtp,

    /// <summary>A sender report.</summary>
    SenderReport,

    /// <summary>The server muted the track.</summary>
    Muted,

    /// <summary>The server lets it through again.</summary>
    Unmuted,

    /// <summary>How much the worker received of a stream.</summary>
    Receipt,

    /// <summary>Numbers that a closed gate kept out.</summary>
    Withheld,
}
