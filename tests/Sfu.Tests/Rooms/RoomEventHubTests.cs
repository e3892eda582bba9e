using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sfu.Rooms;
using Sfu.Rooms.Hub;

namespace Sfu.Tests.Rooms;

/// <summary>Every subscriber gets every event once, in order, whatever gets lost on the way.</summary>
public sealed class RoomEventHubTests : IDisposable
{
    private readonly FakeRoomGrains _grains = new();
    private readonly FakeTimeProvider _time = new(TestData.Start);
    private readonly RoomEventHub _hub;

    public RoomEventHubTests() => _hub = new RoomEventHub(_grains, _time, NullLogger<RoomEventHub>.Instance);

    private FakeRoomGrain Grain => _grains.Grain;

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task Subscribe_BehindTheLog_GetsTheMissedEventsBeforeItReturns()
    {
        Grain.Append(5);
        var first = new CollectingSink();
        using (await _hub.SubscribeAsync(TestData.Key, 2, first)) Assert.Equal([3, 4, 5], first.Seqs);
    }

    [Fact]
    public async Task Events_InOrder_GoToEverybodyFromOneSubscription()
    {
        var a = new CollectingSink();
        var b = new CollectingSink();
        using IDisposable first = await _hub.SubscribeAsync(TestData.Key, 0, a);
        using IDisposable second = await _hub.SubscribeAsync(TestData.Key, 0, b);
        await Grain.SendAsync(Grain.Append(3));
        await Task.WhenAll(a.UntilAsync(3), b.UntilAsync(3));
        Assert.Equal([1, 2, 3], a.Seqs);
        Assert.Equal([1, 2, 3], b.Seqs);
        Assert.Equal(1, Grain.Subscriptions);
        Assert.Empty(Grain.Reads);
    }

    [Fact]
    public async Task Subscribe_Later_IsServedFromTheNewestEvents()
    {
        var a = new CollectingSink();
        using IDisposable first = await _hub.SubscribeAsync(TestData.Key, 0, a);
        await Grain.SendAsync(Grain.Append(10));
        await a.UntilAsync(10);
        var b = new CollectingSink();
        using IDisposable second = await _hub.SubscribeAsync(TestData.Key, 7, b);
        Assert.Equal([8, 9, 10], b.Seqs);
        Assert.Empty(Grain.Reads);
    }

    [Fact]
    public async Task Events_MessageLost_IsReadFromTheLog()
    {
        var sink = new CollectingSink();
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        Grain.Append(600); // lost, more than a page
        await Grain.SendAsync(Grain.Append(1));
        await sink.UntilAsync(601);
        Assert.Equal(Enumerable.Range(1, 601).Select(i => (long)i), sink.Seqs);
    }

    [Fact]
    public async Task Events_DoubledAndOutOfOrder_AreGivenOnce()
    {
        var sink = new CollectingSink();
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        LoggedEvent[] events = Grain.Append(6);
        await Grain.SendAsync(events[3], events[4]);
        await Grain.SendAsync(events[0], events[1], events[2]);
        await Grain.SendAsync(events[3]);
        await Grain.SendAsync(events);
        await sink.UntilAsync(6);
        Assert.Equal([1, 2, 3, 4, 5, 6], sink.Seqs);
    }

    [Fact]
    public async Task Events_LastMessageLostOrNewActivation_IsFoundByTheRenewal()
    {
        var sink = new CollectingSink();
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        Grain.ForgetObservers();
        Grain.Append(2);
        _time.Advance(RoomFeed.RenewEvery);
        await sink.UntilAsync(2);
        Assert.Equal([1, 2], sink.Seqs);
        Assert.Equal(2, Grain.Subscriptions);
    }

    [Fact]
    public async Task Events_LogCannotBeRead_AreGivenWhenItCan()
    {
        var sink = new CollectingSink();
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        Grain.Append(2);
        Grain.Fails = true;
        await Grain.SendAsync(Grain.Append(1));
        Task all = sink.UntilAsync(3);
        for (int i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.Empty(sink.Seqs);
        Grain.Fails = false;
        while (!all.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        await all;
        Assert.Equal([1, 2, 3], sink.Seqs);
    }

    [Fact]
    public async Task Subscribe_NoSiloYet_WaitsForIt()
    {
        Grain.Append(1);
        _grains.FailingReferences = 2;
        var sink = new CollectingSink();
        Task<IDisposable> subscribe = _hub.SubscribeAsync(TestData.Key, 0, sink);
        while (!subscribe.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        using IDisposable subscription = await subscribe;
        Assert.Equal([1], sink.Seqs);
    }

    [Fact]
    public async Task Subscribe_Cancelled_EndsAndLeavesNothingBehind()
    {
        Grain.Fails = true;
        using var cancel = new CancellationTokenSource();
        Task<IDisposable> subscribe = _hub.SubscribeAsync(TestData.Key, 0, new CollectingSink(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscribe);
        Grain.Fails = false;
        Grain.Append(1);
        var sink = new CollectingSink(); // a new feed, not the old one's leftovers
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        Assert.Equal([1], sink.Seqs);
    }

    [Fact]
    public async Task Dispose_LastSubscriber_EndsTheSubscription()
    {
        var a = new CollectingSink();
        IDisposable first = await _hub.SubscribeAsync(TestData.Key, 0, a);
        var b = new CollectingSink();
        IDisposable second = await _hub.SubscribeAsync(TestData.Key, 0, b);
        first.Dispose();
        first.Dispose();
        await Grain.SendAsync(Grain.Append(1));
        await b.UntilAsync(1);
        Assert.Empty(a.Seqs);
        second.Dispose();
        Assert.True(SpinWait.SpinUntil(() => _grains.Released == 1, TimeSpan.FromSeconds(20)));
        Assert.Equal(1, Grain.Unsubscriptions);
    }

    [Fact]
    public async Task Events_SinkThrows_OthersAndItselfGoOn()
    {
        var bad = new CollectingSink { FailsAt = 1 };
        var good = new CollectingSink();
        using IDisposable first = await _hub.SubscribeAsync(TestData.Key, 0, bad);
        using IDisposable second = await _hub.SubscribeAsync(TestData.Key, 0, good);
        await Grain.SendAsync(Grain.Append(2));
        await Task.WhenAll(bad.UntilAsync(2), good.UntilAsync(2));
        Assert.Equal([1, 2], bad.Seqs);
        Assert.Equal([1, 2], good.Seqs);
    }

    [Fact]
    public async Task Subscribe_EventsPastTheirRetention_GoesOnBehindThem()
    {
        Grain.Append(9);
        Grain.PrunedTo = 6;
        var sink = new CollectingSink();
        using IDisposable subscription = await _hub.SubscribeAsync(TestData.Key, 0, sink);
        Assert.Equal([7, 8, 9], sink.Seqs);
    }

    [Fact]
    public async Task Subscribe_AheadOfTheFeed_GetsOnlyWhatFollows()
    {
        var a = new CollectingSink();
        using IDisposable first = await _hub.SubscribeAsync(TestData.Key, 0, a);
        LoggedEvent[] events = Grain.Append(2); // the join's snapshot has them, the messages are still under way
        var b = new CollectingSink();
        using IDisposable second = await _hub.SubscribeAsync(TestData.Key, 2, b);
        await Grain.SendAsync(events);
        await Grain.SendAsync(Grain.Append(1));
        await Task.WhenAll(a.UntilAsync(3), b.UntilAsync(3));
        Assert.Equal([1, 2, 3], a.Seqs);
        Assert.Equal([3], b.Seqs);
    }

    [Fact]
    public async Task HubDisposed_WaitingSubscriber_IsReleased()
    {
        Grain.Fails = true;
        Task<IDisposable> subscribe = _hub.SubscribeAsync(TestData.Key, 0, new CollectingSink());
        _hub.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => subscribe);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _hub.SubscribeAsync(TestData.Key, 0, new CollectingSink()));
    }

    [Fact]
    public Task Events_AnyLossAndDoubling_ReachEverySubscriberOnceInOrder() =>
        Gen.Int[0, 99].Array[1, 60].SampleAsync(
            async steps =>
            {
                var grains = new FakeRoomGrains();
                var time = new FakeTimeProvider(TestData.Start);
                using var hub = new RoomEventHub(grains, time, NullLogger<RoomEventHub>.Instance);
                var sinks = new List<(long After, CollectingSink Sink)>();
                var late = new List<LoggedEvent[]>();
                long last = 0;
                foreach (int step in steps)
                {
                    LoggedEvent[] events = grains.Grain.Append(1 + (step % 3));
                    last = events[^1].Seq;
                    if (step < 40) await grains.Grain.SendAsync(events);
                    else if (step < 55) late.Add(events);
                    else if (step < 65) grains.Grain.ForgetObservers();
                    else if (step < 75 && late.Count > 0) await grains.Grain.SendAsync(late[step % late.Count]);
                    else if (step < 85)
                    {
                        long after = Math.Max(0, last - (step % 7));
                        var sink = new CollectingSink();
                        await hub.SubscribeAsync(TestData.Key, after, sink);
                        sinks.Add((after, sink));
                    }
                }

                foreach ((long after, CollectingSink sink) in sinks)
                {
                    if (after < last) await DeliveredAsync(sink, last, time);
                    Assert.Equal(Enumerable.Range(1, (int)(last - after)).Select(i => after + i), sink.Seqs);
                }
            },
            iter: 300,
            threads: 1);

    /// <summary>Lets virtual time pass until the number was delivered: a feed that has just begun may have set no timer yet.</summary>
    private static async Task DeliveredAsync(CollectingSink sink, long seq, FakeTimeProvider time)
    {
        Task delivered = sink.UntilAsync(seq);
        while (!delivered.IsCompleted)
        {
            time.Advance(RoomFeed.RenewEvery);
            await Task.WhenAny(delivered, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }

        await delivered;
    }
}
