using Sfu.Router.Workers.Events;

namespace Sfu.Router.Rooms;

/// <summary>Takes what a worker reports to the control plane; bounded, never blocks, counts what it cannot take.</summary>
public interface IWorkerEventSink
{
    /// <summary>Hands over one event.</summary>
    void Post(WorkerEvent workerEvent);
}
