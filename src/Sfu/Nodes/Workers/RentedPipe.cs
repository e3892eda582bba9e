using Sfu.Router.Pipes;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Workers;

/// <summary>A pipe between two workers and how many tracks go through it.</summary>
/// <remarks>Guarded by its <see cref="PipeDesk"/>.</remarks>
internal sealed class RentedPipe(Pipe pipe, WorkerPort from, WorkerPort to, RoomId number)
{
    /// <summary>The pipe.</summary>
    internal Pipe Pipe { get; } = pipe;

    /// <summary>The worker that writes.</summary>
    internal WorkerPort From { get; } = from;

    /// <summary>The worker that reads.</summary>
    internal WorkerPort To { get; } = to;

    /// <summary>What its commands are posted under: rooms share it, and it outlives each of them.</summary>
    internal RoomId Number { get; } = number;

    /// <summary>Tracks that go through it.</summary>
    internal int Tracks { get; set; }
}
