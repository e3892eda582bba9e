using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>One SQLite file in write-ahead mode: one writer for the whole process, readers beside it, and a lock against other processes.</summary>
/// <remarks>Owns the file, its lock and its connections. Every commit is synced to the disk before it is answered.</remarks>
internal abstract class SqliteStore : IDisposable
{
    private const int IoError = 10;                        // SQLITE_IOERR
    private const int Full = 13;                           // SQLITE_FULL

    private readonly Action _failed;
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private bool _isDisposed;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="directory">The data directory; made when it is missing.</param>
    /// <param name="fileName">Name of the file in it.</param>
    /// <param name="schema">Name of the schema script.</param>
    /// <param name="version">Version of the schema.</param>
    /// <param name="failed">Counts a failure.</param>
    /// <exception cref="RoomStoreException">Another process uses it, it is damaged, or it cannot be written.</exception>
    protected SqliteStore(string directory, string fileName, string schema, int version, Action failed)
    {
        _failed = failed;
        _path = Path.Combine(directory, fileName);
        _lock = SqliteFiles.Lock(directory, _path);
        try
        {
            _writer = new SqliteWriter(SqliteFiles.OpenWriter(_path, schema, version));
            _readers = new SqliteReaders(_path);
        }
        catch (SqliteException e)
        {
            _writer?.Dispose();
            _lock.Dispose();
            throw new RoomStoreException($"{_path} cannot be opened: {e.Message} {AdviceOn(e.SqliteErrorCode)}", e);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>What an operator does about a file that cannot be opened. A full disk is said as an I/O error where SQLite maps its files.</summary>
    private static string AdviceOn(int error) => error is IoError or Full
        ? "Its disk is full or fails: make room, or set Sfu:DataDirectory to a folder on another."
        : "Restore it from a backup, or move it away to begin anew.";

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

    /// <summary>Writes, in a transaction with whatever else waits.</summary>
    /// <returns>Ends when it is on the disk.</returns>
    /// <exception cref="RoomStoreException">The disk refused, or too much waits.</exception>
    protected Task<T> Write<T>(WriteJob<T> job)
    {
        _writer.Enqueue(job);
        return Watch(job.Task);
    }

    /// <summary>Reads what is committed.</summary>
    protected Task<T> Read<T>(Func<SqliteConnection, T> query) => Watch(_readers.RunAsync(query));

    private async Task<T> Watch<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        catch (SqliteException e)
        {
            _failed();
            throw new RoomStoreException($"{_path}: {e.Message}", e);
        }
        catch (RoomStoreException)
        {
            _failed();
            throw;
        }
    }
}
