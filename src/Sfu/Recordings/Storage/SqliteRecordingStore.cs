using Microsoft.Data.Sqlite;
using Sfu.Observability;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings.Storage;

/// <summary>The embedded store of recordings: a SQLite file beside that of the rooms, with a writer and a lock of its own.</summary>
internal sealed class SqliteRecordingStore : IRecordingStore, IDisposable
{
    /// <summary>Name of the database in the data directory.</summary>
    public const string FileName = "recordings.db";

    private const int SchemaVersion = 1;
    private readonly RecordingMetrics _metrics;
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private bool _isDisposed;

    /// <summary>Opens or creates the store.</summary>
    /// <param name="directory">The data directory; made when it is missing.</param>
    /// <param name="metrics">Counts failures.</param>
    /// <exception cref="RoomStoreException">Another process uses it, it is damaged, or it cannot be written.</exception>
    public SqliteRecordingStore(string directory, RecordingMetrics metrics)
    {
        _metrics = metrics;
        _path = Path.Combine(directory, FileName);
        _lock = SqliteFiles.Lock(directory, _path);
        try
        {
            _writer = new SqliteWriter(SqliteFiles.OpenWriter(_path, "recordings", SchemaVersion));
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
    public Task<StoredRecordings> LoadAsync(RoomKey room) => Write(new LoadRecordingsJob(room));

    /// <inheritdoc/>
    public Task<bool> AppendAsync(RecordingAppend append) => Write(new AppendRecordingJob(append));

    /// <inheritdoc/>
    public Task<RecordingState?> FindAsync(Guid recording) => Read(connection => RecordingQueries.Find(connection, recording));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RecordingState>> ListAsync(RecordingQuery query) => Read(connection => RecordingQueries.List(connection, query));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RecordingParticipant>> ParticipantsAsync(Guid recording) =>
        Read(connection => RecordingQueries.Participants(connection, recording));

    /// <inheritdoc/>
    public Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid recording, long after, int limit) =>
        Read(connection => RecordingQueries.Timeline(connection, recording, after, limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoomKey>> ListOpenAsync() => Read(RecordingQueries.ListOpen);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Impossibility>> ImpossibilitiesAsync(RecordingQuery query) =>
        Read(connection => RecordingQueries.Impossibilities(connection, query));

    /// <inheritdoc/>
    public Task SaveAsync(Derivation derivation) => Write(new SaveDerivationJob(derivation));

    /// <inheritdoc/>
    public Task<Derivation?> FindDerivationAsync(Guid derivation) => Read(connection => RecordingQueries.FindDerivation(connection, derivation));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Derivation>> UnfinishedDerivationsAsync() => Read(RecordingQueries.UnfinishedDerivations);

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
