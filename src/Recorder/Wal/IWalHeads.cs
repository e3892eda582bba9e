using Sfu.Media.Time;

namespace Sfu.Recorder.Wal;

/// <summary>Makes the state that stands at the head of each file of the log, so that older files can be deleted.</summary>
internal interface IWalHeads
{
    /// <summary>The state of every open recording as it is on the disk: what is not durable yet follows in the file.</summary>
    IEnumerable<WalFrame> MakeHeads(MediaTime now);
}
