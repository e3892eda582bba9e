namespace Sfu.Recorder.Journal;

/// <summary>Marks in the header of a chunk.</summary>
[Flags]
public enum ChunkMarks : ushort
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The first chunk after the recorder started again.</summary>
    Restarted = 1,

    /// <summary>The last chunk of the recording.</summary>
    Last = 2,
}
