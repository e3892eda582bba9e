using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sfu.Rooms.Storage;

/// <summary>The thread that writes. Whatever waits while one commit is synced goes into the next one: rooms do not queue for the disk.</summary>
/// <remarks>Owns its connection. A full queue refuses at once, so that a disk that hangs is an answer and not a pile.</remarks>
internal sealed class SqliteWriter : IDisposable
{
    private const int QueueLength = 4096;
    private const int GroupSize = 256;
    private readonly SqliteConnection _connection;
    private readonly BlockingCollection<WriteJob> _queue = new(QueueLength);
    private readonly Thread _thread;

    /// <summary>Starts the thread on an open connection.</summary>
    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        _thread = new Thread(Run) { Name = "room-store", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Transactions committed so far; for tests of the grouping.</summary>
    public long Commits { get; private set; }

    /// <summary>Queues a job, or fails it at once.</summary>
    public void Enqueue(WriteJob job)
    {
        try
        {
            if (!_queue.TryAdd(job)) job.Fail(new RoomStoreException("The room store is behind with writing."));
        }
        catch (InvalidOperationException e)
        {
            job.Fail(new RoomStoreException("The room store is closed.", e));
        }
    }

    /// <summary>Writes what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _connection.Dispose();
        _queue.Dispose();
    }

    private void Run()
    {
        var group = new List<WriteJob>(GroupSize);
        foreach (WriteJob first in _queue.GetConsumingEnumerable())
        {
            WriteJob? next = first;
            do
            {
                if (next.IsAlone || group.Count == GroupSize) Commit(group);
                if (next.IsAlone) RunAlone(next);
                else group.Add(next);
            }
            while (_queue.TryTake(out next));

            Commit(group);
        }
    }

    private void RunAlone(WriteJob job)
    {
        try
        {
            job.Run(_connection);
            job.Complete();
        }
        catch (Exception e)
        {
            job.Fail(e);
        }
    }

    private void Commit(List<WriteJob> group)
    {
        if (group.Count > 0) CommitTogether(group);
        group.Clear();
    }

    private void CommitTogether(List<WriteJob> group)
    {
        if (TryCommit(group, out Exception? cause)) return;
        if (group.Count == 1)
        {
            group[0].Fail(cause!);
            return;
        }

        // One bad job must not fail the others: each gets a transaction of its own. The fence makes the second try harmless.
        foreach (WriteJob job in group)
        {
            if (!TryCommit([job], out cause)) job.Fail(cause!);
        }
    }

    private bool TryCommit(List<WriteJob> jobs, out Exception? cause)
    {
        try
        {
            SqliteFiles.Execute(_connection, "BEGIN IMMEDIATE;");
            foreach (WriteJob job in jobs) job.Run(_connection);
            SqliteFiles.Execute(_connection, "COMMIT;");
            Commits++;
            cause = null;
        }
        catch (Exception e)
        {
            // Whatever it is goes to the one who asked; the thread lives on for the others.
            cause = e;
            RollBack();
            return false;
        }

        foreach (WriteJob job in jobs) job.Complete();
        return true;
    }

    private void RollBack()
    {
        // SQLite ends the transaction itself after some failures, such as a full disk.
        if (raw.sqlite3_get_autocommit(_connection.Handle) != 0) return;
        try
        {
            SqliteFiles.Execute(_connection, "ROLLBACK;");
        }
        catch (SqliteException)
        {
            // The transaction is still open: the next BEGIN fails, and so does every write until the process starts again.
        }
    }
}
