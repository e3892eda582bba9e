using Sfu.Recorder.Native;

namespace Sfu.Recorder.Evidence;

/// <summary>Files that are there with all their bytes, or not at all, whatever happens to the power.</summary>
internal static class DurableFile
{
    /// <summary>Ends the names of files that are not there yet.</summary>
    internal const string TemporarySuffix = ".tmp";

    private const UnixFileMode Public = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a file under a temporary name, syncs it, gives it its name and syncs the folder. Throws what the disk says.</summary>
    /// <param name="path">Where; an existing file is replaced.</param>
    /// <param name="content">All bytes.</param>
    /// <param name="secret">True for 0600.</param>
    internal static void Write(string path, ReadOnlySpan<byte> content, bool secret = false)
    {
        string temporary = path + TemporarySuffix;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = secret ? UnixFileMode.UserRead | UnixFileMode.UserWrite : Public;
        File.Delete(temporary);                                // what an earlier crash left may have other rights
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            FileSync.File(file.SafeFileHandle, temporary);
        }
        File.Move(temporary, path, overwrite: true);
        FileSync.Folder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes a folder and syncs its parents up to the first one that was there.</summary>
    internal static void CreateFolder(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return;
        string? parent = Path.GetDirectoryName(full);
        if (parent is not null) CreateFolder(parent);
        Directory.CreateDirectory(full);
        if (parent is not null) FileSync.Folder(parent);
    }
}
