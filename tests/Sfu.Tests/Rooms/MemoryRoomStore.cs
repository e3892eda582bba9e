using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>A store in memory with the same fence, whose writes can be made to fail before or after they took place.</summary>
internal sealed class MemoryRoomStore : IRoomStore
{
    private readonly Dictionary<RoomKey, Row> _rows = [];

    /// <summary>The next writes fail: nothing was written.</summary>
    public bool FailsBefore { get; set; }

    /// <summary>The next writes fail although they took place.</summary>
    public bool FailsAfter { get; set; }

    /// <summary>Loads fail.</summary>
    public bool FailsLoads { get; set; }

    /// <summary>Writes take place, but are answered only when this ends.</summary>
    public Task Hangs { get; set; } = Task.CompletedTask;

    public int Appends { get; private set; }

    public IReadOnlyList<LoggedEvent> Log(RoomKey room) => _rows.TryGetValue(room, out Row? row) ? row.Events.ToArray() : [];

    public async Task<StoredRoom> LoadAsync(RoomKey room)
    {
        await Hangs;
        if (FailsLoads) throw new RoomStoreException("the disk is away");
        return _rows.TryGetValue(room, out Row? row)
            ? new StoredRoom(row.Epoch, row.Events.Count, row.Snapshot, row.Events.Skip((int)row.SnapshotSeq).ToArray())
            : new StoredRoom(0, 0, null, []);
    }

    public async Task<bool> AppendAsync(RoomAppend append)
    {
        if (FailsBefore) throw new RoomStoreException("the disk is full");
        bool done = Apply(append);
        await Hangs;
        return FailsAfter ? throw new RoomStoreException("the answer was lost") : done;
    }

    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(RoomKey room, long after, int limit) =>
        Task.FromResult<IReadOnlyList<LoggedEvent>>(Log(room).Where(entry => entry.Seq > after).Take(limit).ToArray());

    public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit) => throw new NotSupportedException();

    public Task<IReadOnlyList<RoomKey>> ListOpenAsync(RoomKey? after, int limit) => throw new NotSupportedException();

    public Task<int> CountAsync() => throw new NotSupportedException();

    public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellation) => throw new NotSupportedException();

    private bool Apply(RoomAppend append)
    {
        Row row = _rows.GetValueOrDefault(append.Room) ?? new Row();
        if (row.Epoch != append.ExpectedEpoch || row.Events.Count != append.ExpectedSeq) return false;
        // Through the stored form, as on a disk.
        row.Events.AddRange(append.Events.Select(entry => entry with { Event = RoomJson.ReadEvent(RoomJson.Write(entry.Event)) }));
        row.Epoch = append.Epoch;
        if (append.Snapshot is not null) (row.Snapshot, row.SnapshotSeq) = (append.Snapshot, row.Events.Count);
        _rows[append.Room] = row;
        Appends++;
        return true;
    }

    private sealed class Row
    {
        public long Epoch { get; set; }

        public List<LoggedEvent> Events { get; } = [];

        public string? Snapshot { get; set; }

        public long SnapshotSeq { get; set; }
    }
}
