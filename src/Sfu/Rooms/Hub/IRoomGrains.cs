namespace Sfu.Rooms.Hub;

/// <summary>What the hub needs of the cluster.</summary>
internal interface IRoomGrains
{
    /// <summary>The room's grain.</summary>
    IRoomGrain Get(RoomKey room);

    /// <summary>What a grain can call; the caller keeps <paramref name="observer"/> alive.</summary>
    IRoomObserver Refer(IRoomObserver observer);

    /// <summary>Ends such a reference.</summary>
    void Release(IRoomObserver reference);
}

/// <summary>The cluster.</summary>
internal sealed class RoomGrains(IGrainFactory grains) : IRoomGrains
{
    /// <inheritdoc/>
    public IRoomGrain Get(RoomKey room) => grains.GetGrain<IRoomGrain>(room.ToString());

    /// <inheritdoc/>
    public IRoomObserver Refer(IRoomObserver observer) => grains.CreateObjectReference<IRoomObserver>(observer);

    /// <inheritdoc/>
    public void Release(IRoomObserver reference) => grains.DeleteObjectReference<IRoomObserver>(reference);
}
