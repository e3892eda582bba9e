namespace Sfu.Rooms;

/// <summary>Fans a room's events out to the sessions of this node: one grain observer per room, whatever the number of sessions.</summary>
public interface IRoomEventHub
{
    /// <summary>Delivers every event with a number above <paramref name="after"/>, in order and without gaps, until disposed.</summary>
    /// <param name="room">The room.</param>
    /// <param name="after">The last number the subscriber knows, from a snapshot or from its client.</param>
    /// <param name="sink">Called by one thread at a time; the first calls may come before this method returns.</param>
    /// <param name="cancellation">Ends the wait for the first events.</param>
    Task<IDisposable> SubscribeAsync(RoomKey room, long after, IRoomEventSink sink, CancellationToken cancellation = default);
}

/// <summary>Takes a room's events on this node.</summary>
public interface IRoomEventSink
{
    /// <summary>One event. Must return at once: queue what takes longer. All audiences come here; the sink selects.</summary>
    void OnEvent(LoggedEvent loggedEvent);
}
