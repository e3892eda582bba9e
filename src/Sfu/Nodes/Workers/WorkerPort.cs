using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes.Workers;

/// <summary>The control plane's end of one worker's mailbox: keeps commands in order while the mailbox is full, never blocks.</summary>
/// <remarks>Safe on any thread. When a command was refused too often, or too many wait, its room is closed with an error: a room
/// whose commands are lost would send the wrong media to the wrong people.</remarks>
internal sealed class WorkerPort : IDisposable
{
    /// <summary>Most commands that wait for room in the mailbox.</summary>
    internal const int Capacity = 8192;

    /// <summary>How often what waits is tried again.</summary>
    internal static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>How often the worker may refuse a command that waits: two seconds of tries.</summary>
    /// <remarks>Tries are counted, not time: while the host stands still nobody tries, and the worker has no turn to take anything either.</remarks>
    internal const int Patience = 200;

    private readonly Lock _gate = new();
    private readonly IWorker _worker;
    private readonly NodeMetrics _metrics;
    private readonly ITimer _timer;
    private readonly LinkedList<Waiting> _waiting = new();
    private readonly HashSet<RoomId> _failing = [];
    private long _tries;
    private bool _isArmed;
    private bool _isClosed;
    private readonly WorkerLoad _load;

    /// <summary>Makes the port of a worker that is not owned.</summary>
    internal WorkerPort(IWorker worker, NodeMetrics metrics, TimeProvider time)
    {
        _worker = worker;
        _metrics = metrics;
        _load = new WorkerLoad(time);
        _timer = time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called, outside of any lock, for each room whose commands were given up; the worker is told to close it.</summary>
    internal Action<RoomId>? OnRoomLost { get; set; }

    /// <summary>Index of the worker.</summary>
    internal int Index => _worker.Index;

    /// <summary>The worker.</summary>
    internal IWorker Worker => _worker;

    /// <summary>False once the worker ended: nothing new is placed on it.</summary>
    internal bool IsAlive => !Volatile.Read(ref _isClosed);

    /// <summary>Transports, producers, consumers and piped tracks placed on the worker.</summary>
    internal int Streams => _load.Streams;

    /// <summary>How loaded the worker is, what was just placed on it counted: 0 for idle, 1 for always busy.</summary>
    internal double Load => _load.Estimate(_worker.Latest);

    /// <summary>Changes <see cref="Streams"/>.</summary>
    internal void AddStreams(int streams) => _load.Add(streams);

    /// <summary>Gives the worker a command, after those that wait.</summary>
    internal void Post(RoomId room, WorkerCommand command)
    {
        lock (_gate)
        {
            if (_isClosed || _failing.Contains(room))
            {
                _metrics.CommandLost();
                return;
            }

            if (_waiting.Count == 0 && _worker.TryPost(command)) return;
            _metrics.CommandDelayed();
            _waiting.AddLast(new Waiting(room, command, _tries));
            if (_waiting.Count > Capacity) GiveUp(room);
            Arm();
        }
    }

    /// <summary>The worker ended: what waits is worth nothing, and nothing more is taken.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _metrics.CommandsLost(_waiting.Count);
            _waiting.Clear();
            _failing.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _timer.Dispose();
    }

    private void Retry()
    {
        RoomId[] lost;
        lock (_gate)
        {
            _isArmed = false;
            _tries++;
            while (_waiting.First is { } first && _worker.TryPost(first.Value.Command)) _waiting.RemoveFirst();
            while (Overdue() is { } room) GiveUp(room);
            lost = [.. _failing];
            _failing.Clear();
            if (_waiting.Count > 0) Arm();
        }

        foreach (RoomId room in lost) OnRoomLost?.Invoke(room);
    }

    private RoomId? Overdue()
    {
        LinkedListNode<Waiting>? oldest = _waiting.First;
        while (oldest?.Value.Command is CloseRoom) oldest = oldest.Next;         // these wait as long as it takes
        return oldest is not null && _tries - oldest.Value.Since > Patience ? oldest.Value.Room : null;
    }

    /// <summary>Forgets what waits for a room, but for one command that closes it.</summary>
    private void GiveUp(RoomId room)
    {
        for (LinkedListNode<Waiting>? node = _waiting.First; node is not null;)
        {
            LinkedListNode<Waiting>? next = node.Next;
            if (node.Value.Room == room)
            {
                _waiting.Remove(node);
                _metrics.CommandLost();
            }

            node = next;
        }

        _waiting.AddLast(new Waiting(room, new CloseRoom(room), _tries));
        _failing.Add(room);
    }

    private void Arm()
    {
        if (_isArmed || _isClosed) return;
        _isArmed = true;
        _timer.Change(RetryInterval, Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Waiting(RoomId Room, WorkerCommand Command, long Since);
}
