namespace Sfu.Nodes.Recording;

/// <summary>The folders of the data directory that recordings fill; label values in metrics. They may lie on different file systems.</summary>
internal enum DiskFolder
{
    /// <summary>The write-ahead log and the keys.</summary>
    Recorder,

    /// <summary>Evidence and playable files.</summary>
    Recordings,
}
