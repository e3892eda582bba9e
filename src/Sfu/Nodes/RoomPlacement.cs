using Sfu.Nodes.Workers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes;

/// <summary>A room on one worker, from its first transport to its last.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
internal sealed class RoomPlacement(WorkerPort port, RoomId id)
{
    /// <summary>The worker.</summary>
    internal WorkerPort Port { get; } = port;

    /// <summary>The room's number there.</summary>
    internal RoomId Id { get; } = id;

    /// <summary>Open transports.</summary>
    internal int Transports { get; set; }

    /// <summary>Gives the worker a command for this room.</summary>
    internal void Post(WorkerCommand command) => Port.Post(Id, command);
}
