using System.Runtime.InteropServices;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Files;

/// <summary>The real file system, by the C library.</summary>
internal sealed unsafe class LinuxFiles : IJournalFiles
{
    /// <inheritdoc/>
    public FileFailure Create(string path, out int file) =>
        Opened(LibC.Open(path, LibC.ReadWrite | LibC.Create | LibC.Exclusive | LibC.CloseOnExec, LibC.OwnerOnly), out file);

    /// <inheritdoc/>
    public FileFailure OpenRead(string path, out int file) => Opened(LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec, 0), out file);

    /// <inheritdoc/>
    public FileFailure Allocate(int file, long bytes)
    {
        FileFailure failure;
        do failure = Result(FileOperation.Allocate, LibC.Allocate(file, 0, 0, bytes));
        while (failure.Errno == LibC.Interrupted);
        // Some network file systems cannot; there a full disk shows at the write, which is checked as well.
        return failure.Errno is LibC.NotSupported or LibC.InvalidArgument ? FileFailure.None : failure;
    }

    /// <inheritdoc/>
    public FileFailure Write(int file, ReadOnlySpan<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            nint written;
            fixed (byte* start = data) written = LibC.WriteAt(file, start, data.Length, offset);
            int errno = written < 0 ? Marshal.GetLastSystemError() : 0;
            if (errno == LibC.Interrupted) continue;
            if (written <= 0) return new FileFailure(FileOperation.Write, errno);
            data = data[(int)written..];
            offset += written;
        }

        return FileFailure.None;
    }

    /// <inheritdoc/>
    public FileFailure Read(int file, Span<byte> data, long offset, out int read)
    {
        read = 0;
        while (read < data.Length)
        {
            nint got;
            fixed (byte* start = data[read..]) got = LibC.ReadAt(file, start, data.Length - read, offset + read);
            int errno = got < 0 ? Marshal.GetLastSystemError() : 0;
            if (errno == LibC.Interrupted) continue;
            if (got < 0) return read > 0 ? FileFailure.None : new FileFailure(FileOperation.Read, errno);
            if (got == 0) break;
            read += (int)got;
        }

        return FileFailure.None;
    }

    /// <inheritdoc/>
    public FileFailure Sync(int file)
    {
        FileFailure failure;
        do failure = Result(FileOperation.Sync, LibC.SyncData(file));
        while (failure.Errno == LibC.Interrupted);             // not a failure of the disk: the call was not finished
        return failure;
    }

    /// <inheritdoc/>
    public FileFailure SyncFolder(string path) => Guard(FileOperation.Sync, () => FileSync.Folder(path));

    /// <inheritdoc/>
    public void Close(int file) => _ = LibC.Close(file);

    /// <inheritdoc/>
    public FileFailure MakeFolder(string path) => Guard(FileOperation.Folder, () => DurableFile.CreateFolder(path));

    /// <inheritdoc/>
    public FileFailure Rename(string from, string to) => Guard(FileOperation.Folder, () => File.Move(from, to));

    /// <inheritdoc/>
    public FileFailure Delete(string path) => Guard(FileOperation.Folder, () => File.Delete(path));

    /// <inheritdoc/>
    public FileFailure List(string folder, out IReadOnlyList<string> names)
    {
        string[] found = [];
        FileFailure failure = Guard(FileOperation.Folder, () =>
        {
            if (Directory.Exists(folder)) found = [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        });
        names = found;
        return failure;
    }

    private static FileFailure Opened(int result, out int file)
    {
        file = result;
        return Result(FileOperation.Open, result);
    }

    private static FileFailure Result(FileOperation operation, int result) =>
        result >= 0 ? FileFailure.None : new FileFailure(operation, Marshal.GetLastSystemError());

    private static FileFailure Guard(FileOperation operation, Action action)
    {
        try
        {
            action();
            return FileFailure.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            int errno = e is UnauthorizedAccessException ? e.InnerException?.HResult ?? 0 : e.HResult;     // .NET keeps the errno there
            return new FileFailure(operation, errno > 0 ? errno : FileFailure.DeviceError);
        }
    }
}
