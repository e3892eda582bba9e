using System.Threading.Channels;
using Sfu.Router.Pipes;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>One media worker as the control plane uses it; tests put a model in its place.</summary>
internal interface IWorker : IPipeHost, IDisposable
{
    /// <summary>Index on the node, from 0.</summary>
    int Index { get; }

    /// <summary>What happens on it, in order; ends with the worker.</summary>
    ChannelReader<WorkerEvent> Events { get; }

    /// <summary>Its newest snapshot; null before the first.</summary>
    WorkerSnapshot? Latest { get; }

    /// <summary>All addresses a client reaches it at, as values of <c>a=candidate</c>.</summary>
    IReadOnlyList<string> Candidates { get; }

    /// <summary>Starts it.</summary>
    void Start();
}
