using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>A few connections for queries; in write-ahead mode they neither wait for the writer nor hold it up.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private const int Most = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _free = new(Most);

    /// <summary>Runs a query on a thread of the pool.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> query)
    {
        if (!await _free.WaitAsync(Patience)) throw new RoomStoreException("The room store is behind with reading.");
        try
        {
            return await Task.Run(() => Run(query));
        }
        finally
        {
            _free.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out SqliteConnection? connection)) connection.Dispose();
        _free.Dispose();
    }

    private T Run<T>(Func<SqliteConnection, T> query)
    {
        if (!_idle.TryTake(out SqliteConnection? connection)) connection = SqliteFiles.OpenReader(path);
        bool good = false;
        try
        {
            T result = query(connection);
            good = true;
            return result;
        }
        finally
        {
            if (good) _idle.Add(connection);
            else connection.Dispose();
        }
    }
}
