using Sfu.Media.Dtls;
using Sfu.Observability;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>The workers of this node: which there are, how busy they are, what they last reported.</summary>
/// <remarks>Empty until <see cref="WorkerHost"/> has started them; safe on any thread.</remarks>
internal sealed class WorkerFleet(TimeProvider time) : IWorkerSnapshots
{
    private readonly Lock _gate = new();
    private Member[] _members = [];

    /// <summary>Hash of the certificate that all workers show.</summary>
    internal DtlsFingerprint? Fingerprint { get; private set; }

    /// <summary>All workers, by index.</summary>
    internal IReadOnlyList<WorkerPort> Ports => [.. Volatile.Read(ref _members).Select(member => member.Port)];

    /// <inheritdoc/>
    public IReadOnlyList<WorkerSnapshot> Latest => [.. Volatile.Read(ref _members).Select(member => member.Port.Worker.Latest).OfType<WorkerSnapshot>()];

    /// <summary>Takes the workers over, once, at the start.</summary>
    internal void Open(IReadOnlyList<WorkerPort> ports, DtlsFingerprint fingerprint)
    {
        Fingerprint = fingerprint;
        long now = time.GetTimestamp();
        Volatile.Write(ref _members, [.. ports.Select(port => new Member(port) { SeenAt = now })]);
    }

    /// <summary>Where a new room goes: the living worker that carries least; null when there is none.</summary>
    internal WorkerPort? Choose()
    {
        WorkerPort? best = null;
        foreach (Member member in Volatile.Read(ref _members))
        {
            if (member.Port.IsAlive && (best is null || member.Port.Load < best.Load)) best = member.Port;
        }

        return best;
    }

    /// <summary>Notes which workers have reported since the last look; called once a second.</summary>
    internal void Look()
    {
        lock (_gate)
        {
            foreach (Member member in Volatile.Read(ref _members))
            {
                WorkerSnapshot? latest = member.Port.Worker.Latest;
                if (ReferenceEquals(latest, member.Seen)) continue;
                member.Seen = latest;
                member.SeenAt = time.GetTimestamp();
            }
        }
    }

    /// <summary>Workers that ended, or have not reported for longer than <paramref name="limit"/>.</summary>
    internal IReadOnlyList<int> FindStuck(TimeSpan limit)
    {
        Look();
        lock (_gate)
        {
            return [.. Volatile.Read(ref _members)
                .Where(member => !member.Port.IsAlive || time.GetElapsedTime(member.SeenAt) > limit)
                .Select(member => member.Port.Index)];
        }
    }

    private sealed class Member(WorkerPort port)
    {
        internal WorkerPort Port { get; } = port;

        internal WorkerSnapshot? Seen { get; set; }

        internal long SeenAt { get; set; }
    }
}
