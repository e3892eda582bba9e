using Sfu.Media.Dtls;
using Sfu.Media.Native;
using Sfu.Observability;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>The workers of this node: which there are, how much each carries, what they last reported.</summary>
/// <remarks>Empty until <see cref="WorkerHost"/> has started them; safe on any thread. Whether they turn, <see cref="Health.WorkerWatch"/> sees
/// by their reports.</remarks>
internal sealed class WorkerFleet : IWorkerSnapshots
{
    private WorkerPort[] _ports = [];

    /// <summary>Hash of the certificate that all workers show; null before the start.</summary>
    internal DtlsFingerprint? Fingerprint { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Expected => [.. Volatile.Read(ref _ports).Select(port => port.Index)];

    /// <inheritdoc/>
    public IReadOnlyList<WorkerSnapshot> Latest => [.. Volatile.Read(ref _ports).Select(port => port.Worker.Latest).OfType<WorkerSnapshot>()];

    /// <summary>Whether each worker is in real time, by its last report: what else is, behind them, takes nothing from packets.</summary>
    internal bool IsRealTime
    {
        get
        {
            WorkerPort[] ports = Volatile.Read(ref _ports);
            foreach (WorkerPort port in ports)
                if (port.Worker.Latest?.Policy != ThreadPolicy.Fifo) return false;
            return ports.Length > 0;
        }
    }

    /// <summary>Takes the workers over, once, at the start.</summary>
    internal void Open(IReadOnlyList<WorkerPort> ports, DtlsFingerprint fingerprint)
    {
        Fingerprint = fingerprint;
        Volatile.Write(ref _ports, [.. ports]);
    }

    /// <summary>The least loaded worker that lives and is not excepted; null when there is none. Where the
    /// loads are in the same tenth, the one that carries less: smaller differences come and go.</summary>
    internal WorkerPort? Choose(Func<WorkerPort, bool> except)
    {
        WorkerPort? best = null;
        (double Load, int Streams) least = default;
        foreach (WorkerPort port in Volatile.Read(ref _ports))
        {
            if (!port.IsAlive || except(port)) continue;
            (double Load, int Streams) load = (Math.Floor(port.Load * 10), port.Streams);
            if (best is not null && load.CompareTo(least) >= 0) continue;
            (best, least) = (port, load);
        }

        return best;
    }
}
