using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>Something for the writer's thread. It runs inside a transaction with others and is answered only after the commit.</summary>
internal abstract class WriteJob
{
    /// <summary>It runs alone and outside of any transaction.</summary>
    public virtual bool IsAlone => false;

    /// <summary>Reads and writes; may run twice when the first transaction fails.</summary>
    public abstract void Run(SqliteConnection connection);

    /// <summary>The commit is on the disk.</summary>
    public abstract void Complete();

    /// <summary>Nothing of it took place, as far as is known.</summary>
    public abstract void Fail(Exception cause);
}

/// <summary>A job with a result.</summary>
internal abstract class WriteJob<T> : WriteJob
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    /// <summary>Ends after the commit.</summary>
    public Task<T> Task => _source.Task;

    /// <inheritdoc/>
    public sealed override void Run(SqliteConnection connection) => _result = Execute(connection);

    /// <inheritdoc/>
    public sealed override void Complete() => _source.TrySetResult(_result!);

    /// <inheritdoc/>
    public sealed override void Fail(Exception cause) => _source.TrySetException(cause);

    /// <summary>The work.</summary>
    protected abstract T Execute(SqliteConnection connection);
}
