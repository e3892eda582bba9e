using System.Threading.Channels;

namespace Sfu.Rooms.Hub;

/// <summary>One room's events on this node: a grain observer, the newest events, and those who follow.</summary>
/// <remarks>One loop owns the order: it takes what the grain sends, reads what is missing from the log, and gives each subscriber each event
/// once. The inbox is bounded; what does not fit is missing, which the numbers show. The subscription is renewed every few seconds: that
/// finds a lost last message, and a new activation of the grain, which knows no observers.</remarks>
internal sealed class RoomFeed : IRoomObserver, IDisposable
{
    /// <summary>Newest events kept for those who join, who need only the last few; an event may have some kilobytes of metadata.</summary>
    public const int Kept = 64;

    /// <summary>How often the subscription is renewed; it would end after two minutes.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    private const int InboxLength = 1024;
    private const int PageLength = 500;
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private readonly IRoomGrains _grains;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<RoomSubscriber> _behind = [];
    private readonly Queue<LoggedEvent> _newest = new();
    private readonly Channel<IReadOnlyList<LoggedEvent>> _inbox;
    private readonly CancellationTokenSource _end = new();
    private RoomSubscriber[] _subscribers = [];
    private int _isRenewalDue = 1;
    private long? _seq;

    /// <summary>Makes a feed that does nothing yet.</summary>
    public RoomFeed(RoomKey room, IRoomGrains grains, TimeProvider time, ILogger logger)
    {
        Room = room;
        _grains = grains;
        _time = time;
        _logger = logger;
        _inbox = Channel.CreateBounded<IReadOnlyList<LoggedEvent>>(
            new BoundedChannelOptions(InboxLength) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    }

    /// <summary>The room.</summary>
    public RoomKey Room { get; }

    /// <summary>Begins to follow the room.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Adds somebody; what it misses is delivered first.</summary>
    public void Add(RoomSubscriber subscriber)
    {
        lock (_gate) _behind.Add(subscriber);
        Wake();
    }

    /// <summary>Removes somebody.</summary>
    /// <returns>True when nobody is left.</returns>
    public bool Remove(RoomSubscriber subscriber)
    {
        lock (_gate)
        {
            _behind.Remove(subscriber);
            _subscribers = Array.FindAll(_subscribers, other => other != subscriber);
            return _subscribers.Length + _behind.Count == 0;
        }
    }

    /// <inheritdoc/>
    public Task OnEventsAsync(RoomKey room, IReadOnlyList<LoggedEvent> events)
    {
        _inbox.Writer.TryWrite(events);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RoomSubscriber[] waiting;
        lock (_gate) waiting = [.. _behind];
        foreach (RoomSubscriber subscriber in waiting) subscriber.MarkEnded();
        _end.Cancel();
        _inbox.Writer.TryComplete();                       // ends the wait below, which has no token: with one each wait would make an operation that old objects refer to
    }

    private async Task RunAsync()
    {
        IRoomObserver? self = null;
        using ITimer renewal = _time.CreateTimer(_ => DemandRenewal(), null, RenewEvery, RenewEvery);
        int failures = 0;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                self ??= _grains.Refer(this);
                await TurnAsync(self);
                failures = 0;
                await _inbox.Reader.WaitToReadAsync();
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (failures == 0) _logger.RoomFeedFailed(e, Room, _seq ?? 0);
                DemandRenewal();
                await Task.Delay(Pauses[Math.Min(failures++, Pauses.Length - 1)], _time, _end.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        if (self is not null) await UnfollowAsync(self);
    }

    private async Task UnfollowAsync(IRoomObserver self)
    {
        try
        {
            await _grains.Get(Room).UnsubscribeAsync(self);
            _grains.Release(self);
        }
        catch (Exception e)
        {
            // Without it the grain's subscription ends by itself after two minutes.
            _logger.RoomFeedNotEnded(e, Room);
        }
    }

    private async Task TurnAsync(IRoomObserver self)
    {
        if (Interlocked.Exchange(ref _isRenewalDue, 0) != 0)
        {
            long last = await _grains.Get(Room).SubscribeAsync(self).WaitAsync(_end.Token);
            _seq ??= last;
            await RepairAsync(last);
        }

        while (_inbox.Reader.TryRead(out IReadOnlyList<LoggedEvent>? events))
        {
            foreach (LoggedEvent entry in events)
            {
                if (entry.Seq > _seq + 1) await RepairAsync(entry.Seq - 1);
                if (entry.Seq == _seq + 1) Deliver(entry);
            }
        }

        await AttachAsync();
    }

    /// <summary>Reads what everybody misses up to a number.</summary>
    private async Task RepairAsync(long last)
    {
        while (_seq < last)
        {
            EventPage page = await ReadAsync(_seq.Value);
            foreach (LoggedEvent entry in page.Events)
            {
                if (entry.Seq > _seq + 1) Skip(entry.Seq - 1);
                if (entry.Seq == _seq + 1) Deliver(entry);
            }

            if (page.Events.Count == 0) Skip(Math.Max(last, page.LastSeq));
        }
    }

    /// <summary>Brings newcomers up to where everybody is.</summary>
    private async Task AttachAsync()
    {
        while (Next() is { } newcomer)
        {
            while (newcomer.Seq < _seq && !newcomer.IsDisposed)
            {
                IReadOnlyCollection<LoggedEvent> events = _newest;
                if (_newest.Count == 0 || _newest.Peek().Seq > newcomer.Seq + 1)
                {
                    events = (await ReadAsync(newcomer.Seq)).Events;
                    newcomer.SkipTo(events.Count == 0 ? _seq.Value : events.First().Seq - 1);
                }

                foreach (LoggedEvent entry in events) Offer(newcomer, entry);
            }

            lock (_gate)
            {
                if (_behind.Remove(newcomer)) _subscribers = [.. _subscribers, newcomer];
            }

            newcomer.MarkCaughtUp();
        }
    }

    private RoomSubscriber? Next()
    {
        lock (_gate) return _behind.Count > 0 ? _behind[0] : null;
    }

    private void Deliver(LoggedEvent entry)
    {
        _seq = entry.Seq;
        _newest.Enqueue(entry);
        if (_newest.Count > Kept) _newest.Dequeue();
        foreach (RoomSubscriber subscriber in Volatile.Read(ref _subscribers)) Offer(subscriber, entry);
    }

    /// <summary>Events up to a number are past their retention: nobody can have them.</summary>
    private void Skip(long seq)
    {
        _seq = seq;
        _newest.Clear();
        foreach (RoomSubscriber subscriber in Volatile.Read(ref _subscribers)) subscriber.SkipTo(seq);
    }

    private void Offer(RoomSubscriber subscriber, LoggedEvent entry)
    {
        try
        {
            subscriber.Offer(entry);
        }
        catch (Exception e)
        {
            // One session's error must not silence the others.
            _logger.RoomSinkFailed(e, Room, entry.Seq);
        }
    }

    private Task<EventPage> ReadAsync(long after) => _grains.Get(Room).EventsAsync(after, PageLength).WaitAsync(_end.Token);

    private void DemandRenewal()
    {
        Volatile.Write(ref _isRenewalDue, 1);
        Wake();
    }

    private void Wake() => _inbox.Writer.TryWrite([]);
}
