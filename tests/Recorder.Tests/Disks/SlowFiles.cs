using Sfu.Recorder.Files;

namespace Sfu.Recorder.Tests.Disks;

/// <summary>A real disk of which every fdatasync takes its time.</summary>
internal sealed class SlowFiles(TimeSpan stall) : IJournalFiles
{
    private readonly LinuxFiles _files = new();
    private int _syncs;
    private volatile bool _isStalled;

    /// <summary>Syncs that ended.</summary>
    public int Syncs => Volatile.Read(ref _syncs);

    /// <summary>One is under way.</summary>
    public bool IsStalled => _isStalled;

    public FileFailure Sync(int file)
    {
        _isStalled = true;
        Thread.Sleep(stall);                                   // the fault itself, not a wait for something
        FileFailure failure = _files.Sync(file);
        _isStalled = false;
        Interlocked.Increment(ref _syncs);
        return failure;
    }

    public FileFailure Create(string path, out int file) => _files.Create(path, out file);

    public FileFailure OpenRead(string path, out int file) => _files.OpenRead(path, out file);

    public FileFailure Allocate(int file, long bytes) => _files.Allocate(file, bytes);

    public FileFailure Write(int file, ReadOnlySpan<byte> data, long offset) => _files.Write(file, data, offset);

    public FileFailure Read(int file, Span<byte> data, long offset, out int read) => _files.Read(file, data, offset, out read);

    public FileFailure SyncFolder(string path) => _files.SyncFolder(path);

    public void Close(int file) => _files.Close(file);

    public FileFailure MakeFolder(string path) => _files.MakeFolder(path);

    public FileFailure Rename(string from, string to) => _files.Rename(from, to);

    public FileFailure Delete(string path) => _files.Delete(path);

    public FileFailure List(string folder, out IReadOnlyList<string> names) => _files.List(folder, out names);
}
