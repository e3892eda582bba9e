namespace Sfu.Rooms;

/// <summary>The nodes that follow a room. A subscription ends by itself two minutes after it was last renewed.</summary>
/// <remarks>One activation's; not thread-safe.</remarks>
internal sealed class ObserverSet(TimeProvider time)
{
    /// <summary>How long a subscription lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private readonly Dictionary<IRoomObserver, long> _renewedAt = [];

    /// <summary>Adds or renews.</summary>
    public void Add(IRoomObserver observer) => _renewedAt[observer] = time.GetTimestamp();

    /// <summary>Removes.</summary>
    public void Remove(IRoomObserver observer) => _renewedAt.Remove(observer);

    /// <summary>Sends events to all whose subscription lives; a lost message shows by its numbers.</summary>
    public void Tell(RoomKey room, IReadOnlyList<LoggedEvent> events)
    {
        foreach ((IRoomObserver observer, long renewedAt) in _renewedAt.ToArray())
        {
            if (time.GetElapsedTime(renewedAt) < Lifetime) observer.OnEventsAsync(room, events).Ignore();
            else _renewedAt.Remove(observer);
        }
    }
}
