using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Rooms;

namespace Sfu.Placement;

/// <summary>How many rooms and participants this node has, told by its rooms; guards the node's limits. Safe on any thread.</summary>
public sealed class RoomCensus(IOptions<RoomOptions> options, RoomMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RoomKey, int> _participantsByRoom = [];
    private readonly Dictionary<string, int> _roomsByTenant = [];
    private int _participants;

    /// <summary>Open rooms of this node.</summary>
    public int Rooms
    {
        get
        {
            lock (_gate) return _participantsByRoom.Count;
        }
    }

    /// <summary>Participants of this node, the lobbies counted.</summary>
    public int Participants
    {
        get
        {
            lock (_gate) return _participants;
        }
    }

    /// <summary>The room is open here and has so many participants of this node.</summary>
    public void Set(RoomKey room, int participants)
    {
        lock (_gate)
        {
            if (_participantsByRoom.TryGetValue(room, out int before)) _participants -= before;
            else _roomsByTenant[room.Tenant] = _roomsByTenant.GetValueOrDefault(room.Tenant) + 1;
            _participantsByRoom[room] = participants;
            _participants += participants;
            Tell();
        }
    }

    /// <summary>The room is not open or not here any more.</summary>
    public void Remove(RoomKey room)
    {
        lock (_gate)
        {
            if (!_participantsByRoom.Remove(room, out int before)) return;
            _participants -= before;
            if (--_roomsByTenant[room.Tenant] == 0) _roomsByTenant.Remove(room.Tenant);
            Tell();
        }
    }

    /// <summary>Which limit forbids one more room, or null.</summary>
    public LimitKind? FullBy(string tenant)
    {
        lock (_gate)
        {
            if (_participantsByRoom.Count >= options.Value.MaxRooms) return LimitKind.Rooms;
            return _roomsByTenant.GetValueOrDefault(tenant) >= options.Value.MaxRoomsPerTenant ? LimitKind.TenantRooms : null;
        }
    }

    private void Tell() => metrics.SetLoad(_participantsByRoom.Count, _participants);
}
