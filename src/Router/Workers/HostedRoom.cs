using Sfu.Router.Rooms;
using Sfu.Router.Transport;

namespace Sfu.Router.Workers;

/// <summary>A room as its worker holds it: the router, its deadline's number and its transports.</summary>
internal sealed class HostedRoom(RoomId id, int slot, RoomRouter router)
{
    /// <summary>The room's id.</summary>
    internal RoomId Id { get; } = id;

    /// <summary>Its number on the worker while it lives.</summary>
    internal int Slot { get; } = slot;

    /// <summary>Routes the room's packets.</summary>
    internal RoomRouter Router { get; } = router;

    /// <summary>Transports in the order of opening.</summary>
    internal List<ParticipantTransport> Transports { get; } = [];

    /// <summary>It met a broken invariant: its transports are being closed and its router is not to be called.</summary>
    internal bool HasFailed { get; set; }

    /// <summary>Touched in this turn: its deadline is to be read again at the turn's end.</summary>
    internal bool IsTouched { get; set; }
}
