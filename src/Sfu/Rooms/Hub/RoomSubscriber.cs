namespace Sfu.Rooms.Hub;

/// <summary>One who follows a room: its sink and the last number that the sink got.</summary>
internal sealed class RoomSubscriber(long after, IRoomEventSink sink) : IDisposable
{
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposed;

    /// <summary>Number of the last event that the sink got; the feed's.</summary>
    public long Seq { get; private set; } = after;

    /// <summary>Ends when the sink has what there was at the time of subscribing.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>The sink gets nothing more.</summary>
    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Takes it out of its feed; set once, before anybody can dispose.</summary>
    public Action? Detach { get; set; }

    /// <summary>Gives the sink the next event; one that it has already is skipped.</summary>
    public void Offer(LoggedEvent entry)
    {
        if (entry.Seq <= Seq || IsDisposed) return;
        if (entry.Seq > Seq + 1) throw new InvalidOperationException($"event {entry.Seq} was offered after {Seq}");
        // First the number: an event that makes the sink fail is not given again.
        Seq = entry.Seq;
        sink.OnEvent(entry);
    }

    /// <summary>The events up to a number are not in the log any more: goes on behind them.</summary>
    public void SkipTo(long seq) => Seq = Math.Max(Seq, seq);

    /// <summary>The sink has what there was.</summary>
    public void MarkCaughtUp() => _caughtUp.TrySetResult();

    /// <summary>The feed ended before that.</summary>
    public void MarkEnded() => _caughtUp.TrySetException(new ObjectDisposedException(nameof(RoomEventHub)));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) Detach?.Invoke();
    }
}
