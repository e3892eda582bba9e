namespace Sfu.Recorder.Evidence;

/// <summary>Why something is not in the archive (docs/evidence.md section 6).</summary>
public enum GapCause
{
    /// <summary>Lost between sender and server, and not repaired.</summary>
    WireLoss,

    /// <summary>The sender muted itself: nothing was sent. No loss.</summary>
    SenderMute,

    /// <summary>Silence that the codec did not send. No loss.</summary>
    Dtx,

    /// <summary>Withheld by a pause of the recording. No loss.</summary>
    Paused,

    /// <summary>Withheld until consent came. No loss.</summary>
    ConsentPending,

    /// <summary>The sender's connection was down.</summary>
    IceDisconnect,

    /// <summary>This server received it and did not store it.</summary>
    RecorderFault,

    /// <summary>Erased later, as declared.</summary>
    Redacted,
}
