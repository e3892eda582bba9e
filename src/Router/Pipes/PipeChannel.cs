using System.Collections.Concurrent;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Pipes;

/// <summary>One producer on its way through a pipe. Made by the control plane, for one edge; never used again.</summary>
/// <param name="pipe">What it goes through.</param>
/// <param name="origin">The producer where its media comes in.</param>
/// <param name="edge">The producer that the edge's consumers are attached to; new.</param>
public sealed class PipeChannel(Pipe pipe, ProducerId origin, ProducerId edge)
{
    /// <summary>What it goes through.</summary>
    public Pipe Pipe { get; } = pipe;

    /// <summary>The producer where its media comes in.</summary>
    public ProducerId Origin { get; } = origin;

    /// <summary>The producer that the edge's consumers are attached to.</summary>
    public ProducerId Edge { get; } = edge;

    /// <summary>Parameters, one for each <see cref="PipeRecordKind.Update"/> in the pipe: objects cannot lie in native memory.</summary>
    internal ConcurrentQueue<ProducerParameters> Updates { get; } = new();
}
