using System.Diagnostics;
using Sfu.Recorder.Files;

namespace Sfu.Recorder.Wal;

/// <summary>The thread that waits for the disk, so that the one that writes does not.</summary>
internal sealed class SyncThread : IWalSync, IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly IJournalFiles _files;
    private readonly Action _done;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private int _file;
    private string? _folder;
    private FileFailure _result;
    private volatile bool _isDone, _ends;
    private Action<TimeSpan>? _took;

    /// <summary>Starts the thread.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="done">Called on this thread after each sync.</param>
    internal SyncThread(IJournalFiles files, Action done)
    {
        _files = files;
        _done = done;
        _thread = new Thread(Run) { Name = "recorder-sync", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told on this thread how long each sync that ended well took; null = nobody asks.</summary>
    internal Action<TimeSpan>? Took
    {
        set => Volatile.Write(ref _took, value);
    }

    /// <inheritdoc/>
    public void Begin(int file, string? folder)
    {
        (_file, _folder, _isDone) = (file, folder, false);
        _wake.Set();
    }

    /// <inheritdoc/>
    public bool TryTake(out FileFailure failure)
    {
        bool done = _isDone;
        failure = done ? _result : default;
        if (done) _isDone = false;
        return done;
    }

    /// <summary>Ends the thread when its sync ends; a disk that hangs is left behind after 10 s.</summary>
    public void Dispose()
    {
        _ends = true;
        _wake.Set();
        if (_thread.Join(EndTimeout)) _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            if (_ends) return;
            long began = Stopwatch.GetTimestamp();
            FileFailure result = _files.Sync(_file);
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            if (!result.IsFailure && _folder is not null) result = _files.SyncFolder(_folder);
            _result = result;
            _isDone = true;
            _done();
            if (!result.IsFailure) Volatile.Read(ref _took)?.Invoke(took);
        }
    }
}
