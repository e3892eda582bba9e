namespace Sfu.Recorder.Capture;

/// <summary>Whether a tap copies what it sees.</summary>
public enum TapGate : byte
{
    /// <summary>It copies.</summary>
    Open,

    /// <summary>The recording is paused.</summary>
    Paused,

    /// <summary>The participant has not consented yet.</summary>
    ConsentPending,
}
