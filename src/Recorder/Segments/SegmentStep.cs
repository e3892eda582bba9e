namespace Sfu.Recorder.Segments;

/// <summary>What a segment goes through.</summary>
public enum SegmentStep
{
    /// <summary>All of it.</summary>
    Done,

    /// <summary>Reading its chunks back from the log.</summary>
    Read,

    /// <summary>Checking and opening them.</summary>
    Check,

    /// <summary>Writing the file.</summary>
    Write,

    /// <summary>A file of that name is there and holds something else: nobody may write over evidence.</summary>
    Conflict,

    /// <summary>Signing.</summary>
    Sign,

    /// <summary>Storing keys in the vault.</summary>
    Vault,
}
