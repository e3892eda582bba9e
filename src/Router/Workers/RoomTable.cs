using System.Runtime.InteropServices;
using Sfu.Router.Rooms;

namespace Sfu.Router.Workers;

/// <summary>The worker's rooms by id and by slot, and which of them the turn touched.</summary>
/// <remarks>Owned by one media worker. Grows by commands only.</remarks>
internal sealed class RoomTable
{
    private readonly Dictionary<RoomId, HostedRoom> _byId = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly List<HostedRoom?> _bySlot = [];
    private readonly List<HostedRoom> _touched = [];

    /// <summary>Live rooms.</summary>
    internal int Count => _byId.Count;

    /// <summary>Every live room, in the order of slots.</summary>
    internal IEnumerable<HostedRoom> All => _bySlot.OfType<HostedRoom>();

    /// <summary>Rooms whose deadline is to be read again.</summary>
    internal ReadOnlySpan<HostedRoom> Touched => CollectionsMarshal.AsSpan(_touched);

    /// <summary>The room in a slot, or null.</summary>
    internal HostedRoom? this[int slot] => _bySlot[slot];

    /// <summary>A room by id, or null.</summary>
    internal HostedRoom? Find(RoomId id) => _byId.GetValueOrDefault(id);

    /// <summary>Adds a room in a free slot.</summary>
    internal HostedRoom Add(RoomId id, RoomRouter router)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _bySlot.Count;
            _bySlot.Add(null);
            _touched.EnsureCapacity(_bySlot.Count);        // touching happens on the packet path
        }

        var room = new HostedRoom(id, slot, router);
        _bySlot[slot] = room;
        _byId.Add(id, room);
        return room;
    }

    /// <summary>Removes a room; its slot is free for another.</summary>
    internal void Remove(HostedRoom room)
    {
        if (room.IsTouched) _touched.Remove(room);
        _bySlot[room.Slot] = null;
        _byId.Remove(room.Id);
        _freeSlots.Push(room.Slot);
    }

    /// <summary>Notes that a room's deadline may have changed.</summary>
    internal void Touch(HostedRoom room)
    {
        if (room.IsTouched) return;
        room.IsTouched = true;
        _touched.Add(room);
    }

    /// <summary>Forgets what was touched.</summary>
    internal void ClearTouched()
    {
        foreach (HostedRoom room in _touched) room.IsTouched = false;
        _touched.Clear();
    }
}
