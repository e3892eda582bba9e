namespace Sfu.Recorder.Journal;

/// <summary>What a frame of the write-ahead log is (docs/evidence.md sections 2 and 4).</summary>
public enum FrameKind : byte
{
    /// <summary>A sealed chunk; the only kind in a segment file.</summary>
    Chunk = 1,

    /// <summary>The head of a file.</summary>
    File = 128,

    /// <summary>Wrapped keys.</summary>
    Keys = 129,

    /// <summary>What is needed to go on with a recording after a crash.</summary>
    Opened = 130,

    /// <summary>All chunks before a number are in signed segments.</summary>
    SealedUpTo = 131,

    /// <summary>The recording is sealed.</summary>
    Closed = 132,
}
