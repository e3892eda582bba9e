using Sfu.Configuration;
using Sfu.Media.Native;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Workers;

/// <summary>Lets the media workers, and the recorder, run before the other threads of the process, as far as the host permits (docs/adr/0014).</summary>
/// <remarks>A worker that shares its core with rooms, requests or the collector otherwise waits for its turn behind them, milliseconds at a time.</remarks>
internal static class WorkerSchedule
{
    /// <summary>Where no core is free of workers: the busy share up to which they stay in real time.</summary>
    internal const double Shared = 0.6;

    /// <summary>The most that each worker asks for.</summary>
    internal static ThreadPolicy Best(WorkerScheduling asked) => asked switch
    {
        WorkerScheduling.Normal => ThreadPolicy.Normal,
        WorkerScheduling.Nice => ThreadPolicy.Nice,
        _ => ThreadPolicy.Fifo,
    };

    /// <summary>The busy share up to which a worker stays in real time. Workers that are busy all the time leave nothing to the rest in real time:
    /// one core must be free of them then, or a burst of joins waits for seconds.</summary>
    /// <param name="asked">The setting.</param>
    /// <param name="workers">Workers of the node.</param>
    /// <param name="cores">Cores of the process.</param>
    internal static double RealTimeUpTo(WorkerScheduling asked, int workers, int cores) => asked == WorkerScheduling.Auto && workers >= cores ? Shared : 1;

    /// <summary>What the recorder asks for: its share of a core where workers claim theirs, but nothing that waiting for a disk could hold up.</summary>
    internal static ThreadPolicy OfRecorder(WorkerScheduling asked) => asked == WorkerScheduling.Normal ? ThreadPolicy.Normal : ThreadPolicy.Nice;

    /// <summary>Whether a collection that stops the workers may itself run in real time. Otherwise what they interrupt at once, a thread of the kernel that
    /// takes a core for milliseconds, makes their pause so much longer.</summary>
    internal static bool IsCollectorRealTime(WorkerScheduling asked) => Best(asked) == ThreadPolicy.Fifo;

    /// <summary>What the operator may rely on having been granted; less is worth a warning.</summary>
    internal static ThreadPolicy Least(WorkerScheduling asked) => asked switch
    {
        WorkerScheduling.Fifo => ThreadPolicy.Fifo,
        WorkerScheduling.Nice => ThreadPolicy.Nice,
        WorkerScheduling.Auto => ThreadPolicy.OthersLowered,
        _ => ThreadPolicy.Normal,
    };

    /// <summary>When the workers run: has the rest of the process step back where the host refused them more.</summary>
    /// <returns>What the workers have, the least of all.</returns>
    internal static ThreadPolicy Settle(WorkerScheduling asked, IReadOnlyList<MediaWorker> workers)
    {
        ThreadPolicy granted = workers.Min(worker => worker.Policy);
        if (asked != WorkerScheduling.Auto || granted != ThreadPolicy.Normal) return granted;
        return ThreadSchedule.LowerOthers(workers.Select(worker => worker.ThreadId).ToHashSet()) ? ThreadPolicy.OthersLowered : ThreadPolicy.Normal;
    }
}
