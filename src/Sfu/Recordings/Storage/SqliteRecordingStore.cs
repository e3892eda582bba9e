using Sfu.Observability;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings.Storage;

/// <summary>The embedded store of recordings: a SQLite file beside that of the rooms, with a writer and a lock of its own.</summary>
internal sealed class SqliteRecordingStore : SqliteStore, IRecordingStore
{
    /// <summary>Name of the database in the data directory.</summary>
    public const string FileName = "recordings.db";

    private const int SchemaVersion = 1;

    /// <summary>Opens or creates the store.</summary>
    /// <param name="directory">The data directory; made when it is missing.</param>
    /// <param name="metrics">Counts failures.</param>
    /// <exception cref="RoomStoreException">Another process uses it, it is damaged, or it cannot be written.</exception>
    public SqliteRecordingStore(string directory, RecordingMetrics metrics) : base(directory, FileName, "recordings", SchemaVersion, metrics.StoreFailed)
    {
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
}
