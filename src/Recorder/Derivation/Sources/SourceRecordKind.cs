namespace Sfu.Recorder.Derivation.Sources;

/// <summary>What of the journal a derivation reads.</summary>
public enum SourceRecordKind
{
    /// <summary>An RTP packet.</summary>
    Rtp,

    /// <summary>RTCP packets that were received: sender reports are used.</summary>
    Rtcp,
}
