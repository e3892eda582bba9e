using Sfu.Rooms.Storage;

namespace Sfu.Rooms;

/// <summary>The directory is the store's index of open rooms: it is written with each event, so it is never behind.</summary>
internal sealed class RoomDirectory(IRoomStore store) : IRoomDirectory
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit, CancellationToken cancellation = default) =>
        store.ListAsync(tenant, after, Math.Clamp(limit, 1, 1000)).WaitAsync(cancellation);

    /// <inheritdoc/>
    public Task<int> CountAsync(CancellationToken cancellation = default) => store.CountAsync().WaitAsync(cancellation);
}
