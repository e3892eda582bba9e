using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>A store whose next write fails once, before or after it took place.</summary>
internal sealed class FaultyStore(IRoomStore inner) : IRoomStore
{
    public enum Fault
    {
        None,
        Before,
        After,
    }

    /// <summary>What the next write does.</summary>
    public Fault Next { get; set; }

    /// <summary>A write failed since the last reset.</summary>
    public bool Fired { get; private set; }

    /// <summary>The write that failed took place, and had events.</summary>
    public bool TookPlace { get; private set; }

    /// <summary>No fault is due, none was.</summary>
    public void Reset() => (Next, Fired, TookPlace) = (Fault.None, false, false);

    public Task<StoredRoom> LoadAsync(RoomKey room) => inner.LoadAsync(room);

    public async Task<bool> AppendAsync(RoomAppend append)
    {
        (Fault fault, Next) = (Next, Fault.None);
        Fired |= fault != Fault.None;
        if (fault == Fault.Before) throw new RoomStoreException("before");
        bool done = await inner.AppendAsync(append);
        if (fault == Fault.None) return done;
        TookPlace = done && append.Events.Count > 0;
        throw new RoomStoreException("after");
    }

    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(RoomKey room, long after, int limit) => inner.ReadAsync(room, after, limit);

    public Task<IReadOnlyList<RoomInfo>> ListAsync(string tenant, string? after, int limit) => inner.ListAsync(tenant, after, limit);

    public Task<IReadOnlyList<RoomKey>> ListOpenAsync(RoomKey? after, int limit) => inner.ListOpenAsync(after, limit);

    public Task<int> CountAsync() => inner.CountAsync();

    public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellation) => inner.PruneAsync(before, cancellation);
}
