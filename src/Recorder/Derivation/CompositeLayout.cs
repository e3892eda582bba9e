namespace Sfu.Recorder.Derivation;

/// <summary>How a composite shows several participants.</summary>
public enum CompositeLayout
{
    /// <summary>All of the same size.</summary>
    Grid,

    /// <summary>Who speaks large, the others in a row below; a shared screen goes before speakers.</summary>
    ActiveSpeaker,
}
