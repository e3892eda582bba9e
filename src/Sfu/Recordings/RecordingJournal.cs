using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings;

/// <summary>A room's recordings that are not over, and their store, as one: what is decided is written first, then it is the state.</summary>
/// <remarks>One activation's; not thread-safe. After a write of unknown outcome the store is read again before anything else is decided.</remarks>
internal sealed class RecordingJournal(RoomKey room, RecordingServices services)
{
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(4);
    private static readonly RoomError StoreAway = new(RoomErrorCode.TryAgain, "Recordings cannot be written now.", TimeSpan.FromSeconds(1));
    private static readonly RoomError OwnedElsewhere = new(RoomErrorCode.TryAgain, "The room's recordings have just moved.", TimeSpan.FromMilliseconds(200));

    private readonly ILogger _logger = services.Loggers.CreateLogger<RecordingJournal>();
    private readonly List<RecordingState> _open = [];
    private readonly Dictionary<ParticipantId, RecordingParticipant> _participants = [];
    private Impossibility? _lastRefusal;
    private long _storedEpoch;
    private long _version;
    private bool _isStale = true;

    /// <summary>This activation's epoch; 0 until its first write.</summary>
    public long Epoch { get; private set; }

    /// <summary>Another activation owns the recordings: this one must end.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>The one that records, or will, or was interrupted; null when there is none.</summary>
    public RecordingState? Current => _open.Find(state => RecordingPhases.IsOpen(state.Phase));

    /// <summary>Those that are not over, and those that are and of which the room does not know it.</summary>
    public IReadOnlyList<RecordingState> Open => _open;

    /// <summary>Those of the current recording that are in the room.</summary>
    public IEnumerable<RecordingParticipant> Present => _participants.Values.Where(participant => participant.LeftAt is null);

    /// <summary>One who is or was in the current recording.</summary>
    public RecordingParticipant? Find(ParticipantId participant) => _participants.GetValueOrDefault(participant);

    /// <summary>Loads what is stored when that is not known, and claims what is open.</summary>
    /// <returns>Null when the state can be trusted.</returns>
    public async Task<RoomError?> RefreshAsync()
    {
        if (IsSuperseded) return OwnedElsewhere;
        if (!_isStale) return null;
        try
        {
            StoredRecordings stored = await services.Store.LoadAsync(room).WaitAsync(StoreTimeout, services.Time);
            if (Epoch > 0 && stored.Epoch != Epoch) return Supersede();
            _open.Clear();
            _open.AddRange(stored.Open);
            (_storedEpoch, _version, _lastRefusal) = (stored.Epoch, stored.Version, stored.LastRefusal);
            _participants.Clear();
            if (Current is { } current)
            {
                foreach (RecordingParticipant participant in await services.Store.ParticipantsAsync(current.Id).WaitAsync(StoreTimeout, services.Time))
                    _participants[participant.Id] = participant;
                // Stored before pauses followed identities.
                _open[_open.IndexOf(current)] = current with { Pauses = [.. current.Pauses.Select(WithIdentity)] };
            }

            _isStale = false;
            return Epoch == 0 && _open.Count > 0 ? await WriteAsync(new RecordingChange(), null, _version, []) : null;
        }
        catch (Exception e) when (e is RoomStoreException or TimeoutException)
        {
            return Away(e);
        }
    }

    /// <summary>A recording that is about to begin. Nothing is stored yet.</summary>
    public RecordingState New(RecordingDemand demand, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at),
        Room = room,
        RoomId = demand.RoomId,
        Policy = demand.Policy,
        Consent = demand.Consent,
        RequestedAt = at,
        By = demand.By,
        RoomSeq = demand.RoomSeq,
        RoomSeen = demand.IsOpen,
        Node = services.Node.Id,
    };

    /// <summary>Makes events durable and true, in this order.</summary>
    /// <param name="before">The recording they are of.</param>
    /// <param name="events">In order; may be empty when <paramref name="change"/> is not.</param>
    /// <param name="at">When they were decided.</param>
    /// <param name="change">What changes with them.</param>
    /// <returns>Null when done; else nothing is known to have happened.</returns>
    public async Task<RoomError?> CommitAsync(
        RecordingState before, IReadOnlyList<RecordingEvent> events, DateTimeOffset at, RecordingChange? change = null)
    {
        change ??= new RecordingChange();
        RecordingState next = before;
        var timeline = new List<TimelineEntry>(change.Timeline);
        long version = _version; // goes on over all recordings of the key: the room sees which one is newer
        foreach (RecordingEvent one in events)
        {
            next = next.Apply(new RecordingEntry(++version, at, one));
            timeline.Add(new TimelineEntry(0, at, RecordingJson.Write(one)));
        }

        next = next with
        {
            RoomSeq = Math.Max(next.RoomSeq, change.RoomSeq),
            RoomSeen = next.RoomSeen || change.RoomSeen,
            ToldVersion = Math.Max(next.ToldVersion, change.ToldVersion),
        };
        Impossibility? impossible = change.Impossibility ?? ImpossibilityOf(before, next, at);
        if (await WriteAsync(change with { Impossibility = impossible }, next, version, timeline) is { } error) return error;
        Adopt(before, next, change);
        Report(before, next, impossible);
        return null;
    }

    /// <summary>Writes down that a recording was impossible.</summary>
    public async Task<RoomError?> RefuseAsync(RecordingDemand demand, RecordingCause cause, DateTimeOffset at)
    {
        Impossibility refusal = RefusalOf(demand, cause, null, at);
        if (await WriteAsync(new RecordingChange { Impossibility = refusal }, null, _version, []) is { } error) return error;
        _lastRefusal = refusal;
        services.Metrics.Impossible(refusal.Kind);
        return null;
    }

    /// <summary>The record of a start that failed, together with those just before it.</summary>
    public Impossibility RefusalOf(RecordingDemand demand, RecordingCause cause, Guid? recording, DateTimeOffset at)
    {
        ImpossibilityKind kind = demand.Policy == RecordingPolicy.Required ? ImpossibilityKind.JoinRefused : ImpossibilityKind.Unrecorded;
        bool same = _lastRefusal is { } last && last.Kind == kind && last.Cause == cause && at - last.To < Impossibility.Together;
        string[] names = demand.Entering.Length > 0 ? [demand.Entering] : [.. demand.Participants.Select(participant => participant.Identity).Take(Impossibility.MaxIdentities)];
        return same
            ? _lastRefusal!.Again(demand.Entering, at)
            : new Impossibility(Guid.CreateVersion7(at), room, recording, kind, demand.Policy, cause, at, at, names, 1);
    }

    private PauseSpan WithIdentity(PauseSpan pause) =>
        pause is { Participant: { } whose, Identity: null } ? pause with { Identity = Find(whose)?.Identity } : pause;

    private async Task<RoomError?> WriteAsync(RecordingChange change, RecordingState? state, long version, IReadOnlyList<TimelineEntry> timeline)
    {
        var append = new RecordingAppend
        {
            Room = room,
            ExpectedEpoch = _storedEpoch,
            ExpectedVersion = _version,
            Epoch = Epoch > 0 ? Epoch : _storedEpoch + 1,
            Version = version,
            State = state,
            Timeline = timeline,
            Participants = change.Participants,
            Impossibility = change.Impossibility,
        };
        try
        {
            if (!await services.Store.AppendAsync(append).WaitAsync(StoreTimeout, services.Time)) return Supersede();
        }
        catch (Exception e) when (e is RoomStoreException or TimeoutException)
        {
            return Away(e);
        }

        Epoch = _storedEpoch = append.Epoch;
        _version = version;
        return null;
    }

    private void Adopt(RecordingState before, RecordingState next, RecordingChange change)
    {
        if (RecordingPhases.IsOpen(next.Phase) && _open.TrueForAll(state => state.Id != next.Id)) _participants.Clear();
        foreach (RecordingParticipant participant in change.Participants) _participants[participant.Id] = participant;
        _open.RemoveAll(state => state.Id == before.Id);
        bool isDone = RecordingPhases.IsOver(next.Phase) && next.ToldVersion >= next.Version;
        if (!isDone) _open.Add(next);
        if (change.Impossibility is { Kind: ImpossibilityKind.JoinRefused or ImpossibilityKind.Unrecorded } refusal) _lastRefusal = refusal;
    }

    private void Report(RecordingState before, RecordingState next, Impossibility? impossible)
    {
        bool records = next.Phase is RecordingPhase.Active or RecordingPhase.Degraded;
        services.Metrics.SetActive(next.Id, records ? next.Policy : null);
        if (impossible is not null) services.Metrics.Impossible(impossible.Kind);
        if (before.Phase == next.Phase) return;
        services.Metrics.Entered(next.Phase);
        _logger.PhaseChanged(next.Id, next.Room, before.Phase, next.Phase, next.Cause, next.EndReason);
    }

    private Impossibility? ImpossibilityOf(RecordingState before, RecordingState next, DateTimeOffset at)
    {
        bool ends = before.SuspendedSince is not null && RecordingPhases.IsOpen(before.Phase)
            && (next.SuspendedSince is null || !RecordingPhases.IsOpen(next.Phase));
        if (!ends) return null;
        RecordingCause cause = before.Cause ?? next.Cause ?? RecordingCause.Internal;
        ImpossibilityKind kind = next.EndReason == RecordingEndReason.RecordingUnavailable ? ImpossibilityKind.CallEnded
            : cause == RecordingCause.NodeLost ? ImpossibilityKind.Interrupted
            : next.Policy == RecordingPolicy.Required ? ImpossibilityKind.Held : ImpossibilityKind.Unrecorded;
        RecordingParticipant[] present = [.. Present];
        return new Impossibility(
            Guid.CreateVersion7(at), room, next.Id, kind, next.Policy, cause, before.SuspendedSince!.Value, at,
            [.. present.Select(participant => participant.Identity).Distinct().Take(Impossibility.MaxIdentities)], present.Length);
    }

    private RoomError Supersede()
    {
        IsSuperseded = true;
        services.Metrics.Superseded();
        _logger.RecordingsSuperseded(room, Epoch);
        return OwnedElsewhere;
    }

    private RoomError Away(Exception cause)
    {
        _isStale = true;
        _logger.RecordingStoreFailed(cause, room);
        return StoreAway;
    }
}

/// <summary>What changes together with a recording's events.</summary>
internal sealed record RecordingChange
{
    /// <summary>The room's log is known up to this number.</summary>
    public long RoomSeq { get; init; }

    /// <summary>The room was seen open.</summary>
    public bool RoomSeen { get; init; }

    /// <summary>The room knows this version.</summary>
    public long ToldVersion { get; init; }

    /// <summary>What happened in the room, before the events.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>Participants that are new or changed.</summary>
    public IReadOnlyList<RecordingParticipant> Participants { get; init; } = [];

    /// <summary>What could not be recorded.</summary>
    public Impossibility? Impossibility { get; init; }
}
