using System.Threading.Channels;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>A <see cref="MediaWorker"/> with the candidates that lead to it.</summary>
/// <remarks>Owns the worker.</remarks>
internal sealed class SocketWorker(int index, MediaWorker worker, IReadOnlyList<string> candidates) : IWorker
{
    /// <inheritdoc/>
    public int Index => index;

    /// <inheritdoc/>
    public ChannelReader<WorkerEvent> Events => worker.Events;

    /// <inheritdoc/>
    public WorkerSnapshot? Latest => worker.Latest;

    /// <inheritdoc/>
    public IReadOnlyList<string> Candidates => candidates;

    /// <inheritdoc/>
    public void Start() => worker.Start();

    /// <inheritdoc/>
    public bool TryPost(WorkerCommand command) => worker.TryPost(command);

    /// <inheritdoc/>
    public void Wake() => worker.Wake();

    /// <inheritdoc/>
    public void Dispose() => worker.Dispose();
}
