using Sfu.Router.Workers.Events;

namespace Sfu.Observability;

/// <summary>The media workers of this process and the newest counters of each; metrics and health read them. Safe on any thread.</summary>
public interface IWorkerSnapshots
{
    /// <summary>Indexes of the workers that are to run, whether they reported already or not; empty before they are started.</summary>
    IReadOnlyList<int> Expected { get; }

    /// <summary>One per worker that reported already.</summary>
    IReadOnlyList<WorkerSnapshot> Latest { get; }
}
