namespace Sfu.Rooms;

/// <summary>Lists the open rooms of a tenant, whichever node owns them.</summary>
public interface IRoomDirectory
{
    /// <summary>Open rooms in the order of their names, after one.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">The last name of the page before, or null.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit, CancellationToken cancellation = default);

    /// <summary>Open rooms of all tenants.</summary>
    Task<int> CountAsync(CancellationToken cancellation = default);
}
