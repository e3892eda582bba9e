using Sfu.Recorder.Files;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recovery;

/// <summary>What the log held at the start.</summary>
/// <param name="Files">Its files, oldest first.</param>
/// <param name="Recordings">Recordings that are not sealed.</param>
/// <param name="Keys">Keys that the vault may lack, with their files.</param>
/// <param name="NextStart">A start for new file names that sorts behind all that are there; at least.</param>
/// <param name="Failure">A file that could not be read: then nothing may be built on the rest.</param>
internal sealed record WalScan(
    IReadOnlyList<WalFile> Files, IReadOnlyList<RecoveredRecording> Recordings, IReadOnlyList<(WrappedKey Key, WalFile File)> Keys, long NextStart,
    FileFailure Failure);
