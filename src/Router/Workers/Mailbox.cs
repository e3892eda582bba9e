using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sfu.Router.Transport.Native;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Workers;

/// <summary>Bounded queue of commands for one worker: many writers, one reader that sleeps in epoll.</summary>
internal sealed class Mailbox(int capacity) : IDisposable
{
    private readonly ConcurrentQueue<WorkerCommand> _commands = new();
    private readonly EventFd _bell = new();
    private int _count;
    private int _rung;
    private volatile bool _closed;

    /// <summary>For the reader's epoll registration.</summary>
    internal FileDescriptor Bell => _bell.Descriptor;

    /// <summary>Commands that wait.</summary>
    internal int Count => Math.Max(0, Volatile.Read(ref _count));

    /// <summary>Appends a command; any thread. False when the mailbox is full or closed.</summary>
    internal bool TryPost(WorkerCommand command)
    {
        if (_closed) return false;
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _commands.Enqueue(command);
        Wake();
        return true;
    }

    /// <summary>Wakes the reader unless that was done since it last woke; any thread.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _rung, 1) == 0) Ring();
    }

    /// <summary>Wakes the reader; any thread.</summary>
    internal void Ring()
    {
        try
        {
            _bell.Ring();
        }
        catch (ObjectDisposedException)
        {
            // The reader has ended meanwhile: nobody to wake.
        }
    }

    /// <summary>The reader heard the bell: from now on a new command rings again.</summary>
    internal void Silence()
    {
        _bell.Silence();
        Interlocked.Exchange(ref _rung, 0);                // a fence: what is written for the reader from now on rings, the rest it sees
    }

    /// <summary>Takes the oldest command; reader only.</summary>
    internal bool TryTake([NotNullWhen(true)] out WorkerCommand? command)
    {
        if (!_commands.TryDequeue(out command)) return false;
        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Refuses further commands.</summary>
    internal void Close() => _closed = true;

    /// <inheritdoc/>
    public void Dispose() => _bell.Dispose();
}
