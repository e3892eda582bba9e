using Microsoft.Data.Sqlite;
using Sfu.Observability;

namespace Sfu.Rooms.Storage;

/// <summary>The embedded store: one SQLite file in write-ahead mode, one writer for the whole process (docs/adr/0003-room-persistence.md).</summary>
/// <remarks>Owns the file, its lock and its connections. Every commit is synced to the disk before it is answered.</remarks>
internal sealed class SqliteRoomStore : IRoomStore, IDisposable
{
    /// <summary>Name of the database in the data directory.</summary>
    public const string FileName = "rooms.db";

    private const int SchemaVersion = 1;
    private readonly RoomMetrics _metrics;
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private bool _isDisposed;

    /// <summary>Opens or creates the store.</summary>
    /// <param name="directory">The data directory; made when it is missing.</param>
    /// <param name="metrics">Counts failures.</param>
    /// <exception cref="RoomStoreException">Another process uses it, it is damaged, or it cannot be written.</exception>
    public SqliteRoomStore(string directory, RoomMetrics metrics)
    {
        _metrics = metrics;
        _path = Path.Combine(directory, FileName);
        _lock = SqliteFiles.Lock(directory, _path);
        try
        {
            _writer = new SqliteWriter(SqliteFiles.OpenWriter(_path, "rooms", SchemaVersion));
            _readers = new SqliteReaders(_path);
        }
        catch (SqliteException e)
        {
            _writer?.Dispose();
            _lock.Dispose();
            throw new RoomStoreException($"{_path} cannot be opened: {e.Message} Restore it from a backup, or move it away to begin anew.", e);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
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

    /// <summary>Transactions committed so far; for tests of the grouping.</summary>
    internal long Commits => _writer.Commits;

    /// <summary>Runs something on the writer's connection, between two groups of writes; for tests that make the disk fail.</summary>
    internal Task OnWriterAsync(Action<SqliteConnection> action) => Write(new ActionJob(action));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _writer.Dispose();
        _readers.Dispose();
        _lock.Dispose();
    }

    private Task<T> Write<T>(WriteJob<T> job)
    {
        _writer.Enqueue(job);
        return Watch(job.Task);
    }

    private Task<T> Read<T>(Func<SqliteConnection, T> query) => Watch(_readers.RunAsync(query));

    private async Task<T> Watch<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        catch (SqliteException e)
        {
            _metrics.StoreFailed();
            throw new RoomStoreException($"{_path}: {e.Message}", e);
        }
        catch (RoomStoreException)
        {
            _metrics.StoreFailed();
            throw;
        }
    }
}
