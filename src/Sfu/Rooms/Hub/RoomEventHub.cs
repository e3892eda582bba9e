namespace Sfu.Rooms.Hub;

/// <summary>One feed per room that somebody on this node follows.</summary>
/// <remarks>Safe on any thread.</remarks>
internal sealed class RoomEventHub(IRoomGrains grains, TimeProvider time, ILogger<RoomEventHub> logger) : IRoomEventHub, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RoomKey, RoomFeed> _feeds = [];
    private bool _isDisposed;

    /// <inheritdoc/>
    public async Task<IDisposable> SubscribeAsync(
        RoomKey room, long after, IRoomEventSink sink, CancellationToken cancellation = default)
    {
        var subscriber = new RoomSubscriber(after, sink);
        RoomFeed feed = Attach(room, subscriber);
        subscriber.Detach = () => Detach(feed, subscriber);
        try
        {
            await subscriber.CaughtUp.WaitAsync(cancellation);
            return subscriber;
        }
        catch
        {
            subscriber.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (RoomFeed feed in _feeds.Values) feed.Dispose();
            _feeds.Clear();
        }
    }

    private RoomFeed Attach(RoomKey room, RoomSubscriber subscriber)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_feeds.TryGetValue(room, out RoomFeed? feed))
            {
                feed = new RoomFeed(room, grains, time, logger);
                _feeds.Add(room, feed);
                feed.Start();
            }

            feed.Add(subscriber);
            return feed;
        }
    }

    private void Detach(RoomFeed feed, RoomSubscriber subscriber)
    {
        lock (_gate)
        {
            if (!feed.Remove(subscriber)) return;
            if (_feeds.GetValueOrDefault(feed.Room) == feed) _feeds.Remove(feed.Room);
            feed.Dispose();
        }
    }
}
