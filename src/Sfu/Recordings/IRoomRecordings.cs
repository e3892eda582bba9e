using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>Finds the owner of a room's recordings: the seam between rooms, interfaces and the grain.</summary>
public interface IRoomRecordings
{
    /// <summary>The owner, whether there are recordings or not.</summary>
    IRecordingGrain Get(RoomKey room);
}

/// <summary>Finds it in the cluster.</summary>
internal sealed class GrainRecordings(IGrainFactory grains) : IRoomRecordings
{
    /// <inheritdoc/>
    public IRecordingGrain Get(RoomKey room) => grains.GetGrain<IRecordingGrain>(room.ToString());
}

/// <summary>Tells rooms in the cluster.</summary>
internal sealed class GrainRecordedRooms(IGrainFactory grains) : IRecordedRooms
{
    /// <inheritdoc/>
    public Task TellAsync(RoomKey room, RoomRecordingNews news) => grains.GetGrain<IRoomGrain>(room.ToString()).OnRecordingAsync(news);
}
