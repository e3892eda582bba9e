namespace Sfu.Rooms.Storage;

/// <summary>Keeps each room's numbered log, its snapshot and the index of open rooms. One implementation per <c>Sfu:Cluster:Mode</c>.</summary>
/// <remarks>Safe on any thread. What a completed task says is durable. Methods throw <see cref="RoomStoreException"/> when the store
/// cannot be reached or written, and nothing else.</remarks>
internal interface IRoomStore
{
    /// <summary>What is stored of a room; carried out after the writes that were asked for before.</summary>
    Task<StoredRoom> LoadAsync(RoomKey room);

    /// <summary>Appends events and moves the fence, all or nothing.</summary>
    /// <returns>False when the fence is not where the writer thinks: another activation owns the room. Nothing is written then.</returns>
    Task<bool> AppendAsync(RoomAppend append);

    /// <summary>Events after a number, in order, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<LoggedEvent>> ReadAsync(RoomKey room, long after, int limit);

    /// <summary>Open rooms of a tenant by name, after a name.</summary>
    Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit);

    /// <summary>Keys of open rooms of all tenants, after a key, in the order of tenant and name.</summary>
    Task<IReadOnlyList<RoomKey>> ListOpenAsync(RoomKey? after, int limit);

    /// <summary>Number of open rooms of all tenants.</summary>
    Task<int> CountAsync();

    /// <summary>Removes events that are older than a time and no longer needed to rebuild a state.</summary>
    /// <returns>How many.</returns>
    Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellation);
}

/// <summary>What is stored of a room.</summary>
/// <param name="Epoch">Last epoch that was claimed; 0 when the room never was open.</param>
/// <param name="Seq">Number of the last event.</param>
/// <param name="Snapshot">The newest snapshot as JSON, or null.</param>
/// <param name="Tail">Events after the snapshot, in order.</param>
internal sealed record StoredRoom(long Epoch, long Seq, string? Snapshot, IReadOnlyList<LoggedEvent> Tail);

/// <summary>One write of a room's owner.</summary>
internal sealed record RoomAppend
{
    /// <summary>The room.</summary>
    public required RoomKey Room { get; init; }

    /// <summary>The epoch that must be stored now; 0 = the room must not be stored yet.</summary>
    public required long ExpectedEpoch { get; init; }

    /// <summary>The last number that must be stored now.</summary>
    public required long ExpectedSeq { get; init; }

    /// <summary>The writer's epoch: <see cref="ExpectedEpoch"/>, or one more to claim the room.</summary>
    public required long Epoch { get; init; }

    /// <summary>New events, numbered from <see cref="ExpectedSeq"/> + 1; empty to claim only.</summary>
    public IReadOnlyList<LoggedEvent> Events { get; init; } = [];

    /// <summary>The room after them for the directory; null when it is not open.</summary>
    public RoomInfo? Info { get; init; }

    /// <summary>The state after them as JSON, or null to keep the older snapshot.</summary>
    public string? Snapshot { get; init; }
}
