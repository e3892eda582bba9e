using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Recordings;

/// <summary>Recordings in memory, with the fence; writes fail when the test says so, before or after they took place.</summary>
internal sealed class MemoryRecordingStore : IRecordingStore
{
    private readonly Dictionary<RoomKey, (long Epoch, long Version)> _owners = [];
    private readonly Dictionary<Guid, List<TimelineEntry>> _timelines = [];
    private readonly Dictionary<(Guid, ParticipantId), RecordingParticipant> _participants = [];
    private readonly Dictionary<Guid, Derivation> _derivations = [];

    public Dictionary<Guid, RecordingState> States { get; } = [];

    public SortedDictionary<Guid, Impossibility> Impossible { get; } = [];

    /// <summary>The next write fails: "before" nothing of it is there, "after" all of it is.</summary>
    public string? NextWriteFails { get; set; }

    public Task<StoredRecordings> LoadAsync(RoomKey room)
    {
        (long epoch, long version) = _owners.GetValueOrDefault(room);
        RecordingState[] open = [.. States.Values.Where(state => state.Room == room && IsOpen(state)).OrderBy(state => state.Id)];
        return Task.FromResult(new StoredRecordings(epoch, version, open, Impossible.Values.LastOrDefault(one => one.Room == room && one.Kind == ImpossibilityKind.JoinRefused)));
    }

    public Task<bool> AppendAsync(RecordingAppend append)
    {
        string? fails = NextWriteFails;
        NextWriteFails = null;
        if (fails == "before") throw new RoomStoreException("the disk is full");
        if (_owners.GetValueOrDefault(append.Room) != (append.ExpectedEpoch, append.ExpectedVersion)) return Task.FromResult(false);
        _owners[append.Room] = (append.Epoch, append.Version);
        if (append.State is { } state)
        {
            // Through the stored text: what cannot be read again is found here.
            States[state.Id] = RecordingJson.Read<RecordingState>(RecordingJson.Write(state));
            foreach (RecordingParticipant participant in append.Participants) _participants[(state.Id, participant.Id)] = participant;
            if (!_timelines.TryGetValue(state.Id, out List<TimelineEntry>? timeline)) _timelines[state.Id] = timeline = [];
            foreach (TimelineEntry entry in append.Timeline) timeline.Add(entry with { Position = timeline.Count + 1 });
        }

        if (append.Impossibility is { } impossible) Impossible[impossible.Id] = impossible;
        return fails == "after" ? throw new RoomStoreException("the answer was lost") : Task.FromResult(true);
    }

    public Task<RecordingState?> FindAsync(Guid recording) => Task.FromResult(States.GetValueOrDefault(recording));

    public Task<IReadOnlyList<RecordingState>> ListAsync(RecordingQuery query) => Task.FromResult<IReadOnlyList<RecordingState>>(
        [.. States.Values.Where(state => state.Room.Tenant == query.Tenant && (query.Room ?? state.Room.Room) == state.Room.Room)
            .OrderByDescending(state => RecordingJson.Id(state.Id), StringComparer.Ordinal).Take(query.Limit)]);

    public Task<IReadOnlyList<RecordingParticipant>> ParticipantsAsync(Guid recording) => Task.FromResult<IReadOnlyList<RecordingParticipant>>(
        [.. _participants.Where(pair => pair.Key.Item1 == recording).Select(pair => pair.Value).OrderBy(one => one.JoinedAt)]);

    public Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid recording, long after, int limit) => Task.FromResult<IReadOnlyList<TimelineEntry>>(
        [.. _timelines.GetValueOrDefault(recording, []).Where(entry => entry.Position > after).Take(limit)]);

    public Task<IReadOnlyList<RoomKey>> ListOpenAsync() => Task.FromResult<IReadOnlyList<RoomKey>>([.. States.Values.Where(IsOpen).Select(state => state.Room).Distinct()]);

    public Task<IReadOnlyList<Impossibility>> ImpossibilitiesAsync(RecordingQuery query) =>
        Task.FromResult<IReadOnlyList<Impossibility>>([.. Impossible.Values.Where(one => one.Room.Tenant == query.Tenant).Reverse().Take(query.Limit)]);

    public Task SaveAsync(Derivation derivation)
    {
        _derivations[derivation.Id] = derivation;
        return Task.CompletedTask;
    }

    public Task<Derivation?> FindDerivationAsync(Guid derivation) => Task.FromResult(_derivations.GetValueOrDefault(derivation));

    public Task<IReadOnlyList<Derivation>> UnfinishedDerivationsAsync() => Task.FromResult<IReadOnlyList<Derivation>>(
        [.. _derivations.Values.Where(one => one.State is DerivationState.Queued or DerivationState.Running).OrderBy(one => one.Id)]);

    private static bool IsOpen(RecordingState state) => !RecordingPhases.IsOver(state.Phase) || state.ToldVersion < state.Version;
}
