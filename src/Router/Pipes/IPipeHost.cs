using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Pipes;

/// <summary>One end of a <see cref="Pipe"/>: the worker that owns it, as the worker at the other end sees it. Any thread.</summary>
public interface IPipeHost
{
    /// <summary>Gives the worker a command; false when its mailbox is full or it has ended.</summary>
    bool TryPost(WorkerCommand command);

    /// <summary>Something was written for the worker: wakes it if it sleeps. Costs a system call at most once per sleep.</summary>
    void Wake();
}
