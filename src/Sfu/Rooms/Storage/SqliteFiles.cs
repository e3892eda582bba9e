using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>Opens the database files of the embedded store.</summary>
internal static class SqliteFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the directory and takes its lock: two processes on one log would fight over every room.</summary>
    public static FileStream Lock(string directory, string path)
    {
        try
        {
            CreateDirectory(directory);
            FileStream held = Create(path + ".lock");
            // Names and metadata of participants are in it: nobody else may read it. SQLite gives its other files the same mode.
            Create(path).Dispose();
            return held;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RoomStoreException($"The data directory {directory} cannot be used ({e.Message}). Is another server running on it?", e);
        }
    }

    /// <summary>The one connection that writes; makes the tables when they are missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="script">Name of the script in <c>deploy/sql/sqlite</c> that makes the tables, without its ending.</param>
    /// <param name="schemaVersion">Version of that script.</param>
    public static SqliteConnection OpenWriter(string path, string script, int schemaVersion)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // FULL syncs the log at each commit: an answer outlives a power failure, not only a killed process.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
            Migrate(connection, path, script, schemaVersion);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection that reads committed data while the writer writes.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadWrite);
        Execute(connection, "PRAGMA query_only = ON;");
        return connection;
    }

    /// <summary>Runs statements without result.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void CreateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static void Migrate(SqliteConnection connection, string path, string script, int schemaVersion)
    {
        using SqliteCommand version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version;";
        long found = (long)version.ExecuteScalar()!;
        if (found == schemaVersion) return;
        if (found != 0) throw new RoomStoreException($"{path} was made by another version (schema {found}, this one knows {schemaVersion}).");
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"sql/sqlite/{script}.sql")!;
        using var reader = new StreamReader(resource);
        Execute(connection, $"BEGIN IMMEDIATE; {reader.ReadToEnd()} PRAGMA user_version = {schemaVersion}; COMMIT;");
    }
}
