using Sfu.Nodes;
using Sfu.Rooms.Decisions;
using Sfu.Rooms.Storage;

namespace Sfu.Rooms;

/// <summary>A room's state and its log as one: what is decided is written first, then it is the state, then others are told.</summary>
/// <remarks>One activation's; not thread-safe. After a write of unknown outcome the log is read again before anything else is decided.</remarks>
internal sealed class RoomJournal
{
    /// <summary>Events after which a new snapshot is stored: activations replay no more than these.</summary>
    public const int SnapshotEvery = 256;

    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(4);
    private static readonly RoomError StoreAway = new(RoomErrorCode.TryAgain, "The room's state cannot be written now.", TimeSpan.FromSeconds(1));
    private static readonly RoomError OwnedElsewhere = new(RoomErrorCode.TryAgain, "The room has just moved.", TimeSpan.FromMilliseconds(200));

    private readonly RoomServices _services;
    private readonly ILogger _logger;
    private readonly Action<IReadOnlyList<LoggedEvent>> _committed;
    private readonly RoomRecorder _recorder;
    private long _storedEpoch;
    private long _snapshotSeq;
    private bool _isStale = true;

    /// <summary>Makes the journal of one activation; <see cref="RefreshAsync"/> loads it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="services">The process's.</param>
    /// <param name="committed">Told each group of events once, in order, when it is durable.</param>
    public RoomJournal(RoomKey room, RoomServices services, Action<IReadOnlyList<LoggedEvent>> committed)
    {
        _services = services;
        _logger = services.Loggers.CreateLogger<RoomJournal>();
        _committed = committed;
        _recorder = new RoomRecorder(services);
        State = new RoomState { Key = room };
    }

    /// <summary>What is durable, as far as is known.</summary>
    public RoomState State { get; private set; }

    /// <summary>What recording adds to the room.</summary>
    public RoomRecorder Recorder => _recorder;

    /// <summary>This activation's epoch; 0 until it claimed the room, which it does when it is open or with its first event.</summary>
    public long Epoch { get; private set; }

    /// <summary>Another activation owns the room: this one must end.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Whether <see cref="State"/> can be trusted; else <see cref="RefreshAsync"/> reads the log.</summary>
    public bool IsFresh => !_isStale;

    /// <summary>Loads what is stored when that is not known, and claims an open room.</summary>
    /// <returns>Null when <see cref="State"/> can be trusted.</returns>
    public async Task<RoomError?> RefreshAsync()
    {
        if (IsSuperseded) return OwnedElsewhere;
        if (!_isStale) return null;
        try
        {
            StoredRoom stored = await _services.Store.LoadAsync(State.Key).WaitAsync(StoreTimeout, _services.Time);
            if (Epoch > 0 && stored.Epoch != Epoch) return Supersede();
            IReadOnlyList<LoggedEvent> missed = Epoch > 0 && stored.Seq > State.Seq
                ? await _services.Store.ReadAsync(State.Key, State.Seq, (int)(stored.Seq - State.Seq)).WaitAsync(StoreTimeout, _services.Time)
                : [];
            Adopt(stored);
            if (missed.Count > 0) Tell(missed);
            return Epoch == 0 && State.IsOpen ? await ClaimAsync() : null;
        }
        catch (Exception e) when (e is RoomStoreException or TimeoutException)
        {
            return Away(e);
        }
    }

    /// <summary>Makes events durable and true, in this order.</summary>
    /// <returns>Null when done; else nothing is known to have happened.</returns>
    public async Task<RoomError?> CommitAsync(IReadOnlyList<RoomEvent> events, DateTimeOffset at)
    {
        if (events.Count == 0) return null;
        RoomState next = State;
        var entries = new LoggedEvent[events.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new LoggedEvent(next.Seq + 1, at, Audiences.Of(next, events[i]), events[i]);
            next = next.Apply(entries[i]);
        }

        if (await AppendAsync(next, entries) is { } error) return error;
        bool isRecorded = (State.Recording ?? next.Recording) is { IsLive: true };
        State = next;
        Tell(entries);
        if (isRecorded) _recorder.Poke(State.Key, entries);
        return null;
    }

    private async Task<RoomError?> ClaimAsync()
    {
        if (await AppendAsync(State, []) is { } error) return error;
        _logger.RoomTakenOver(State.Key, Epoch, State.Seq, State.Joined.Length + State.Waiting.Length);
        Report();
        return null;
    }

    private async Task<RoomError?> AppendAsync(RoomState next, LoggedEvent[] entries)
    {
        bool snapshots = next.Seq - _snapshotSeq >= SnapshotEvery || (!next.IsOpen && entries.Length > 0);
        var append = new RoomAppend
        {
            Room = State.Key,
            ExpectedEpoch = _storedEpoch,
            ExpectedSeq = State.Seq,
            Epoch = Epoch > 0 ? Epoch : _storedEpoch + 1,
            Events = entries,
            Info = next.IsOpen ? next.ToInfo() : null,
            Snapshot = snapshots ? RoomJson.Write(next) : null,
        };
        try
        {
            if (!await _services.Store.AppendAsync(append).WaitAsync(StoreTimeout, _services.Time)) return Supersede();
        }
        catch (Exception e) when (e is RoomStoreException or TimeoutException)
        {
            return Away(e);
        }

        Epoch = _storedEpoch = append.Epoch;
        if (snapshots) _snapshotSeq = next.Seq;
        return null;
    }

    private void Adopt(StoredRoom stored)
    {
        RoomState state = stored.Snapshot is null ? new RoomState { Key = State.Key } : RoomJson.ReadState(stored.Snapshot);
        _snapshotSeq = state.Seq;
        foreach (LoggedEvent entry in stored.Tail) state = state.Apply(entry);
        if (state.Seq != stored.Seq) throw new RoomStoreException($"The log of {State.Key} ends at {state.Seq} instead of {stored.Seq}.");
        State = state;
        _storedEpoch = stored.Epoch;
        _isStale = false;
    }

    private void Tell(IReadOnlyList<LoggedEvent> entries)
    {
        foreach (LoggedEvent entry in entries) Tell(entry);
        Report();
        _committed(entries);
    }

    private void Tell(LoggedEvent entry)
    {
        RoomEvent roomEvent = entry.Event;
        var fence = new RoomFence(State.Key, Epoch);
        try
        {
            // Before the media side: what it opens is recorded, or not, from its first packet on.
            _recorder.Tell(fence, State, entry);
            RoomCommands.Tell(_services.Media, fence, roomEvent);
        }
        catch (Exception e)
        {
            // The event is durable: an error of the media side must not undo it, nor keep the rest from being told.
            _logger.RoomCommandFailed(e, State.Key, roomEvent.GetType().Name);
        }

        if (roomEvent is RoomCreated created) _logger.RoomOpened(State.Key, created.RoomId);
        if (roomEvent is RoomClosed closed) _logger.RoomClosed(State.Key, closed.Reason);
        if (roomEvent is ParticipantLeft left) _services.Metrics.Left(left.Reason);
    }

    private void Report()
    {
        if (State.IsOpen) _services.Census.Set(State.Key, State.Everybody.Count(participant => participant.Node == _services.Node.Id));
        else _services.Census.Remove(State.Key);
    }

    private RoomError Supersede()
    {
        IsSuperseded = true;
        _services.Metrics.Superseded();
        _logger.RoomSuperseded(State.Key, Epoch);
        if (Epoch > 0) _services.Media.Supersede(new RoomFence(State.Key, Epoch));
        return OwnedElsewhere;
    }

    private RoomError Away(Exception cause)
    {
        _isStale = true;
        if (_services.StoreFaults.TryTake(out long leftOut)) _logger.RoomStoreFailed(cause, State.Key, leftOut);
        return StoreAway;
    }
}
