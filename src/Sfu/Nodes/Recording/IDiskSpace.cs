using Sfu.Recorder.Disk;

namespace Sfu.Nodes.Recording;

/// <summary>Tells how full file systems are: the seam to the operating system.</summary>
internal interface IDiskSpace
{
    /// <summary>How full the file system of a folder is now. May hang for as long as the file system does.</summary>
    /// <param name="folder">An absolute path; one that is not there yet counts as the nearest folder above it that is.</param>
    /// <exception cref="IOException">The operating system does not tell.</exception>
    DiskUse Measure(string folder);
}
