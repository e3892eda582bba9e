using Sfu.Recorder.Disk;

namespace Sfu.Nodes.Recording;

/// <summary>File systems of this machine.</summary>
internal sealed class DriveSpace : IDiskSpace
{
    /// <inheritdoc/>
    public DiskUse Measure(string folder)
    {
        string? there = Path.GetFullPath(folder);
        while (there is not null && !Directory.Exists(there)) there = Path.GetDirectoryName(there);
        var drive = new DriveInfo(there ?? throw new DirectoryNotFoundException($"nothing of {folder} is there"));
        // Three questions to the system: what changes between them must not make a number negative.
        return new DiskUse(Math.Max(0, drive.TotalSize - drive.TotalFreeSpace), Math.Max(0, drive.AvailableFreeSpace));
    }
}
