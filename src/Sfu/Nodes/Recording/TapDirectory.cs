using System.Collections.Concurrent;
using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>The taps of every room of this node.</summary>
/// <remarks>Safe on any thread. A room's entry lives as long as its media is here or its recording runs.</remarks>
internal sealed class TapDirectory(RecorderService recorder, ILogger<TapDirectory> logger)
{
    private readonly ConcurrentDictionary<RoomKey, RoomTaps> _rooms = new();
    private readonly TrackRecorder _recorder = new(recorder);

    /// <summary>Rooms with an entry.</summary>
    internal int Count => _rooms.Count;

    /// <summary>The entry of a room, made when there is none.</summary>
    internal RoomTaps Of(RoomKey room) => _rooms.GetOrAdd(room, _ => new RoomTaps(_recorder, logger));

    /// <summary>The entry of a room, or null.</summary>
    internal RoomTaps? Find(RoomKey room) => _rooms.GetValueOrDefault(room);

    /// <summary>The room's media has left this node, its recording or the room itself has ended: forgets what nobody needs any more.</summary>
    internal void Forget(RoomKey room)
    {
        if (_rooms.TryGetValue(room, out RoomTaps? taps) && taps.IsIdle) _rooms.TryRemove(KeyValuePair.Create(room, taps));
    }
}
