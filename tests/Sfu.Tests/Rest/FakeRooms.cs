using System.Collections.Concurrent;
using Sfu.Rest;
using Sfu.Rooms;

namespace Sfu.Tests.Rest;

/// <summary>Rooms in memory that remember what they were asked.</summary>
internal sealed class FakeRooms : IRooms, IRoomDirectory
{
    private readonly ConcurrentDictionary<RoomKey, FakeRoom> _rooms = new();

    /// <summary>Every grain that a route asked for.</summary>
    public ConcurrentQueue<RoomKey> Asked { get; } = new();

    /// <summary>Thrown by the directory when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Keeps the directory waiting when set.</summary>
    public TaskCompletionSource? Hang { get; set; }

    /// <summary>Set once the rooms were counted.</summary>
    public TaskCompletionSource CountAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often the rooms were counted.</summary>
    public int Counted { get; private set; }

    public FakeRoom this[string tenant, string room] => _rooms.GetOrAdd(new RoomKey(tenant, room), key => new FakeRoom(key));

    public IRoomGrain Get(RoomKey room)
    {
        Asked.Enqueue(room);
        return this[room.Tenant, room.Room].Grain;
    }

    public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit, CancellationToken cancellation = default) =>
        Failure is { } failure
            ? Task.FromException<IReadOnlyList<RoomInfo>>(failure)
            : Task.FromResult<IReadOnlyList<RoomInfo>>(
            [
                .. _rooms.Values.Where(room => room.Key.Tenant == tenant && room.Snapshot is not null).Select(room => room.Snapshot!.Room)
                    .OrderBy(room => room.Key.Room, StringComparer.Ordinal).Where(room => after is null || string.CompareOrdinal(room.Key.Room, after) > 0).Take(limit),
            ]);

    public async Task<int> CountAsync(CancellationToken cancellation = default)
    {
        Counted++;
        CountAsked.TrySetResult();
        if (Failure is { } failure) throw failure;
        if (Hang is { } hang) await hang.Task.WaitAsync(cancellation);
        return _rooms.Values.Count(room => room.Snapshot is not null);
    }
}
