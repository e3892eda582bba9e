using Sfu.Recorder.Files;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Tests.Wal;

/// <summary>Syncs without a thread: at once, or when the test lets it.</summary>
internal sealed class StepSync(IJournalFiles files) : IWalSync
{
    private (int File, string? Folder)? _begun;
    private FileFailure? _result;

    /// <summary>Syncs hang until it is false again.</summary>
    public bool IsStalled { get; set; }

    /// <summary>Syncs begun.</summary>
    public int Count { get; private set; }

    public void Begin(int file, string? folder)
    {
        Assert.Null(_begun);
        Assert.Null(_result);
        Count++;
        _begun = (file, folder);
        Finish();
    }

    public bool TryTake(out FileFailure failure)
    {
        Finish();
        failure = _result ?? default;
        bool done = _result is not null;
        _result = null;
        return done;
    }

    private void Finish()
    {
        if (IsStalled || _begun is not { } work) return;
        FileFailure failure = files.Sync(work.File);
        if (!failure.IsFailure && work.Folder is not null) failure = files.SyncFolder(work.Folder);
        (_begun, _result) = (null, failure);
    }
}
