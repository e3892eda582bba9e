using Sfu.Rooms;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>Delivers the events of fake rooms at once.</summary>
internal sealed class FakeHub(Func<RoomKey, FakeRoom> rooms) : IRoomEventHub
{
    /// <summary>The next subscriptions throw it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How many were asked for.</summary>
    public int Subscriptions { get; private set; }

    public Task<IDisposable> SubscribeAsync(RoomKey room, long after, IRoomEventSink sink, CancellationToken cancellation = default)
    {
        Subscriptions++;
        if (Failure is { } failure) return Task.FromException<IDisposable>(failure);
        var subscription = new Subscription();
        rooms(room).Follow(after, sink, () => !subscription.IsDisposed);
        return Task.FromResult<IDisposable>(subscription);
    }

    private sealed class Subscription : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
