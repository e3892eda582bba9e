using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Finds the grain of a room: the seam between the back-end interface and Orleans.</summary>
public interface IRooms
{
    /// <summary>The room's grain, whether the room exists or not.</summary>
    IRoomGrain Get(RoomKey room);
}

/// <summary>Finds it in the cluster.</summary>
internal sealed class GrainRooms(IGrainFactory grains) : IRooms
{
    /// <inheritdoc/>
    public IRoomGrain Get(RoomKey room) => grains.GetGrain<IRoomGrain>(room.ToString());
}
