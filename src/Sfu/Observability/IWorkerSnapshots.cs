using Sfu.Router.Workers.Events;

namespace Sfu.Observability;

/// <summary>The newest counters of every media worker of this process; metrics read them before each scrape.</summary>
public interface IWorkerSnapshots
{
    /// <summary>One per worker that reported already; safe on any thread.</summary>
    IReadOnlyList<WorkerSnapshot> Latest { get; }
}
