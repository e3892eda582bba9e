namespace Sfu.Recorder.Derivation;

/// <summary>Kinds of derivations.</summary>
public enum DerivationKind
{
    /// <summary>Tracks as they are, in containers.</summary>
    Track,

    /// <summary>Sound as WAV: decoded, of the length of the recording, silence where nothing came.</summary>
    Audio,

    /// <summary>The whole call as one MP4.</summary>
    Composite,
}
