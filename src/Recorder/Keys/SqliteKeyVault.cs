using Microsoft.Data.Sqlite;

namespace Sfu.Recorder.Keys;

/// <summary>The vault in an SQLite file; a commit is on the disk before it returns.</summary>
public sealed class SqliteKeyVault : IKeyVault, IDisposable
{
    private const int SchemaVersion = 1;
    private const string Schema =
        "CREATE TABLE keys (recording BLOB NOT NULL, track INTEGER NOT NULL, epoch INTEGER NOT NULL, kek TEXT NOT NULL, wrapped BLOB NOT NULL, "
        + "PRIMARY KEY (recording, track, epoch)) WITHOUT ROWID;";

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    /// <summary>Opens the file, or makes it, readable by the owner only.</summary>
    public SqliteKeyVault(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            _connection.Open();
            // secure_delete: a destroyed key leaves no copy in free pages of the file.
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;");
            Migrate(path);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Store(IReadOnlyList<WrappedKey> keys)
    {
        lock (_lock)
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            using SqliteCommand command = _connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT OR IGNORE INTO keys (recording, track, epoch, kek, wrapped) VALUES ($recording, $track, $epoch, $kek, $wrapped);";
            foreach (WrappedKey key in keys)
            {
                Bind(command, key.Id);
                command.Parameters.AddWithValue("$kek", key.Kek);
                command.Parameters.AddWithValue("$wrapped", key.Wrapped.ToArray());
                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    /// <inheritdoc/>
    public WrappedKey? Find(TrackKeyId id)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "SELECT kek, wrapped FROM keys WHERE recording = $recording AND track = $track AND epoch = $epoch;";
            Bind(command, id);
            using SqliteDataReader reader = command.ExecuteReader();
            return reader.Read() ? new WrappedKey(id, reader.GetString(0), (byte[])reader.GetValue(1)) : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    private static void Bind(SqliteCommand command, TrackKeyId id)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$recording", id.Recording.ToByteArray(bigEndian: true));
        command.Parameters.AddWithValue("$track", (long)id.Track);
        command.Parameters.AddWithValue("$epoch", (long)id.Epoch);
    }

    private void Migrate(string path)
    {
        using SqliteCommand version = _connection.CreateCommand();
        version.CommandText = "PRAGMA user_version;";
        long found = (long)version.ExecuteScalar()!;
        if (found == SchemaVersion) return;
        if (found != 0) throw new InvalidDataException($"{path} was made by another version (schema {found}, this one knows {SchemaVersion}).");
        Execute($"BEGIN IMMEDIATE; {Schema} PRAGMA user_version = {SchemaVersion}; COMMIT;");
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
