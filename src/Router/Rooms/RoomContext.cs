using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Pipes;
using Sfu.Router.Producers;

namespace Sfu.Router.Rooms;

/// <summary>What a worker gives each of its rooms.</summary>
/// <param name="Events">Takes what the control plane is told.</param>
/// <param name="Counters">The worker's counters.</param>
/// <param name="Output">Takes what is sent, and says when payload memory is free again.</param>
/// <param name="Index">Finds rooms by the ids of their producers and consumers.</param>
/// <param name="WallClock">Wall clock of the worker's time, for sender reports.</param>
/// <param name="Seed">Where first sequence numbers and time stamps come from; random in production, fixed in a simulation.</param>
/// <param name="Limits">What participants may send; null for the defaults.</param>
/// <param name="Shed">What the worker sheds when it is late; null for one that never does.</param>
/// <param name="WorkerPipes">The worker's pipes; null for a room that has none.</param>
internal sealed record RoomContext(
    IWorkerEventSink Events, RouterCounters Counters, IPacketOutput Output, RoomIndex Index, WallClockAnchor WallClock,
    ulong Seed, IngressLimits? Limits = null, Shedding? Shed = null, PipeTable? WorkerPipes = null)
{
    /// <summary>What participants may send.</summary>
    internal IngressLimits Ingress { get; } = Limits ?? IngressLimits.Default;

    /// <summary>What the worker sheds.</summary>
    internal Shedding Shedding { get; } = Shed ?? new Shedding();

    /// <summary>The worker's pipes.</summary>
    internal PipeTable Pipes { get; } = WorkerPipes ?? new PipeTable();
}
