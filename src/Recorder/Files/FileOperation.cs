namespace Sfu.Recorder.Files;

/// <summary>What was asked of the file system.</summary>
public enum FileOperation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Making or opening a file.</summary>
    Open,

    /// <summary>Reserving its blocks.</summary>
    Allocate,

    /// <summary>Writing.</summary>
    Write,

    /// <summary>Reading.</summary>
    Read,

    /// <summary>fsync or fdatasync: after its failure nothing that was written since the last one may be believed to be on the disk.</summary>
    Sync,

    /// <summary>Renaming, deleting, listing or making a folder.</summary>
    Folder,
}
