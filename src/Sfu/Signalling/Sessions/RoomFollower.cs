using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Follows a room's log for one session and asks again when the room cannot be reached, until it is disposed.</summary>
internal sealed class RoomFollower(
    IRoomEventHub hub, RoomKey room, long after, Action<RoomFollower, LoggedEvent> onEvent, TimeProvider time, ILogger logger)
    : IRoomEventSink, IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private IDisposable? _subscription;
    private long _seen = after;
    private bool _isDisposed;

    /// <summary>Begins; events come on other threads.</summary>
    public void Start() => _ = FollowAsync();

    /// <inheritdoc/>
    public void OnEvent(LoggedEvent loggedEvent)
    {
        if (Volatile.Read(ref _isDisposed) || loggedEvent.Seq <= Volatile.Read(ref _seen)) return;
        Volatile.Write(ref _seen, loggedEvent.Seq);
        onEvent(this, loggedEvent);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IDisposable? subscription;
        lock (_gate)
        {
            if (_isDisposed) return;
            Volatile.Write(ref _isDisposed, true);
            subscription = _subscription;
        }

        _stop.Cancel();
        subscription?.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        CancellationToken stop = _stop.Token;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Keep(await hub.SubscribeAsync(room, Volatile.Read(ref _seen), this, stop));
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // the store or the cluster does not answer: whatever it threw, the room is asked again
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // Once and then every minute: an outage concerns every session.
                if (attempt % 60 == 1) logger.FollowFailed(exception, room.ToString());
            }

            try
            {
                await Task.Delay(RetryPause, time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Keep(IDisposable subscription)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _subscription = subscription;
                return;
            }
        }

        subscription.Dispose();
    }
}
