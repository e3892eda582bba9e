using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>fsync of files and folders (glibc). .NET's own flush to disk hides its failures.</summary>
internal static partial class FileSync
{
    private const string Library = "libc";
    private const int ReadOnlyFolderCloseOnExec = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC

    /// <summary>Makes a file's bytes durable; throws when the disk refuses.</summary>
    internal static void File(SafeHandle file, string path)
    {
        if (Sync(file) != 0) throw Failed(path);
    }

    /// <summary>Makes what was created, renamed or deleted in a folder durable.</summary>
    internal static void Folder(string path)
    {
        int folder = Open(path, ReadOnlyFolderCloseOnExec);
        if (folder < 0) throw Failed(path);
        try
        {
            if (SyncDescriptor(folder) != 0) throw Failed(path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private static IOException Failed(string path)
    {
        int error = Marshal.GetLastSystemError();
        return new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})", error);
    }

    [LibraryImport(Library, EntryPoint = "fsync")]
    private static partial int Sync(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "fsync")]
    private static partial int SyncDescriptor(int file);

    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close")]
    private static partial int Close(int file);
}
