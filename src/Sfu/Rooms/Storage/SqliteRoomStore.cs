using Sfu.Observability;

namespace Sfu.Rooms.Storage;

/// <summary>The embedded store: one SQLite file in write-ahead mode, one writer for the whole process (docs/adr/0003-room-persistence.md).</summary>
/// <remarks>Owns the file, its lock and its connections. Every commit is synced to the disk before it is answered.</remarks>
internal sealed class SqliteRoomStore : SqliteStore, IRoomStore
{
    /// <summary>Name of the database in the data directory.</summary>
    public const string FileName = "rooms.db";

    private const int SchemaVersion = 1;

    /// <summary>Opens or creates the store.</summary>
    /// <param name="directory">The data directory; made when it is missing.</param>
    /// <param name="metrics">Counts failures.</param>
    /// <exception cref="RoomStoreException">Another process uses it, it is damaged, or it cannot be written.</exception>
    public SqliteRoomStore(string directory, RoomMetrics metrics) : base(directory, FileName, "rooms", SchemaVersion, metrics.StoreFailed)
    {
    }

    /// <inheritdoc/>
    public Task<StoredRoom> LoadAsync(RoomKey room) => Write(new LoadJob(room));

    /// <inheritdoc/>
    public Task<bool> AppendAsync(RoomAppend append) => Write(new AppendJob(append));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(RoomKey room, long after, int limit) =>
        Read(connection => RoomQueries.Events(connection, room, after, limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit) =>
        Read(connection => RoomQueries.List(connection, tenant, after, limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoomKey>> ListOpenAsync(RoomKey? after, int limit) =>
        Read(connection => RoomQueries.ListOpen(connection, after, limit));

    /// <inheritdoc/>
    public Task<int> CountAsync() => Read(RoomQueries.Count);

    /// <inheritdoc/>
    public async Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        int removed = 0;
        for (long? room = 0; room is not null; cancellation.ThrowIfCancellationRequested())
        {
            PrunePage page = await Write(new PruneJob(room.Value, before.ToUnixTimeMilliseconds()));
            removed += page.Removed;
            room = page.NextRoom;
        }

        return removed;
    }
}
