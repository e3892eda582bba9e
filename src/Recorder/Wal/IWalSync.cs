using Sfu.Recorder.Files;

namespace Sfu.Recorder.Wal;

/// <summary>Runs fdatasync away from the recorder's thread; one at a time.</summary>
internal interface IWalSync
{
    /// <summary>Begins to sync a file, and the folder when the file is new in it.</summary>
    void Begin(int file, string? folder);

    /// <summary>Takes the result of what was begun; false while it runs.</summary>
    bool TryTake(out FileFailure failure);
}
