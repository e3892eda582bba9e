using System.Collections.Concurrent;
using System.Diagnostics;
using Sfu.Hosting;

namespace Sfu.Tests.Hosting;

/// <summary>What the thread does that looks after the heap, and what it leaves out.</summary>
public sealed class CollectorThreadTests
{
    [Fact]
    public async Task TryPost_ComesAMomentLaterOnOneThread()
    {
        var done = new ConcurrentQueue<(TimeSpan After, string? Thread)>();
        using var thread = new CollectorThread();
        for (int i = 0; i < 3; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            Assert.True(thread.TryPost(() => done.Enqueue((Stopwatch.GetElapsedTime(asked), Thread.CurrentThread.Name))));
        }

        await Eventually.TrueAsync(() => done.Count == 3);
        Assert.All(done, one => Assert.Equal("collector", one.Thread));
        Assert.All(done, one => Assert.True(one.After >= CollectorThread.Moment, $"{one.After}"));
    }

    /// <summary>What is under way comes to its end; what is asked for later is left out and nobody waits.</summary>
    [Fact]
    public async Task TryPost_OneIsUnderWay_HoldsUpNobodyAndKeepsFew()
    {
        using var isFree = new ManualResetEventSlim();
        var done = new ConcurrentQueue<int>();
        using var thread = new CollectorThread();
        Assert.True(thread.TryPost(() =>
        {
            isFree.Wait(TimeSpan.FromSeconds(30));
            done.Enqueue(0);
        }));
        await Eventually.TrueAsync(() => thread.TryPost(() => done.Enqueue(1)));
        int posted = Enumerable.Range(0, 3 * CollectorThread.Waiting).Count(_ => thread.TryPost(() => done.Enqueue(2)));
        Assert.InRange(posted, CollectorThread.Waiting - 2, CollectorThread.Waiting - 1); // the first may not have been taken yet
        Assert.Empty(done);

        isFree.Set();
        thread.Dispose();

        Assert.Equal([0, 1, .. Enumerable.Repeat(2, posted)], done);
        Assert.False(thread.TryPost(() => done.Enqueue(3)));
    }
}
