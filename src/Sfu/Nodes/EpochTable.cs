using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>The highest epoch seen of each room: what an activation that lost its room still says is refused. Safe on any thread.</summary>
internal sealed class EpochTable
{
    /// <summary>Rooms remembered; the oldest is forgotten first.</summary>
    internal const int Capacity = 16_384;

    private readonly Lock _gate = new();
    private readonly Dictionary<RoomKey, long> _epochs = [];
    private readonly Queue<RoomKey> _order = new();

    /// <summary>False when a later life of the room's grain was seen already.</summary>
    internal bool TryPass(RoomFence fence)
    {
        lock (_gate)
        {
            bool isKnown = _epochs.TryGetValue(fence.Room, out long seen);
            if (isKnown && fence.Epoch < seen) return false;
            if (!isKnown)
            {
                if (_order.Count == Capacity) _epochs.Remove(_order.Dequeue());
                _order.Enqueue(fence.Room);
            }

            _epochs[fence.Room] = fence.Epoch;
            return true;
        }
    }
}
