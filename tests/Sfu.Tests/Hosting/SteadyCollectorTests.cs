using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Media.Dtls;
using Sfu.Media.Native;
using Sfu.Nodes;
using Sfu.Nodes.Workers;
using Sfu.Tests.Nodes;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Hosting;

/// <summary>When the garbage of a quiet process is collected.</summary>
public sealed class SteadyCollectorTests
{
    private const long Budget = SteadyCollector.Budget;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.1);

    [Fact]
    public void IsDue_LittleGarbage_WaitsUntilTheBudgetIsSpent()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto), new WorkerFleet());

        Assert.False(collector.IsDue(100 * Budget, 3));        // what was before it looked first
        Assert.False(collector.IsDue(101 * Budget - 1, 3));
        Assert.True(collector.IsDue(101 * Budget, 3));
    }

    [Fact]
    public void IsDue_TheRuntimeHasCollected_BeginsAnew()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto), new WorkerFleet());
        collector.IsDue(0, 3);

        Assert.False(collector.IsDue(9 * Budget, 4));
        Assert.False(collector.IsDue(10 * Budget - 1, 4));
        Assert.True(collector.IsDue(10 * Budget, 4));
    }

    [Fact]
    public void NextGeneration_OfSoMany_IsTheOlderOneOnce()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto), new WorkerFleet());

        int[] generations = [.. Enumerable.Range(0, 3 * SteadyCollector.Deeper).Select(_ => collector.NextGeneration())];

        Assert.Equal([11, 23, 35], Enumerable.Range(0, generations.Length).Where(i => generations[i] == 1));
        Assert.DoesNotContain(generations, generation => generation > 1);
    }

    [Fact]
    public void IsWholeDue_UnlessNothingHappened()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto), new WorkerFleet());

        Assert.True(collector.IsWholeDue(Budget));
        Assert.False(collector.IsWholeDue(2 * Budget - 1));
        Assert.True(collector.IsWholeDue(3 * Budget - 1));
        Assert.True(SteadyCollector.WholeInterval < TimeSpan.FromSeconds(20)); // for so long the runtime's thread waits
    }

    /// <summary>Half past a second, whenever the server was started; the whole heap two seconds after the last look.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(500)]
    [InlineData(999)]
    public async Task Collections_OfABusyProcess_ComeBetweenTheSecondsAndApart(int startedAt)
    {
        var asked = new List<(double At, int Generation, bool Waits)>();
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        time.Advance(TimeSpan.FromMilliseconds(startedAt));
        using var collector = new SteadyCollector(time, By(WorkerScheduling.Auto), new WorkerFleet())
        {
            Post = AtOnce,
            Collect = (generation, waits) => asked.Add(((time.GetUtcNow() - start).TotalSeconds, generation, waits)),
        };
        await collector.StartAsync(default);
        for (int tenth = 0; tenth < 400; tenth++)
        {
            if (tenth % 25 == 0) Allocate(Budget);             // more, and the runtime collects of itself
            time.Advance(Step);
        }

        double first = startedAt > 500 ? 6.5 : 5.5;
        Assert.Equal([2.0, 17, 32], asked.Where(one => !one.Waits).Select(one => Whole(one.At - first)).Take(3));
        Assert.All(asked, one => Assert.Equal(one.Generation < GC.MaxGeneration, one.Waits));
        Assert.Contains(asked, one => one.Waits);
        Assert.All(asked.Where(one => one.Waits), one => Assert.Equal(0, Whole(one.At - first) % SteadyCollector.Interval.TotalSeconds));
        await collector.StopAsync(default);

        // Time goes in steps, and a timer may be seen one late.
        static double Whole(double seconds) => seconds - Math.Floor(seconds) <= 2 * Step.TotalSeconds ? Math.Floor(seconds) : seconds;
    }

    [Fact]
    public async Task Tick_MoreThanTheBudgetEachTime_CollectsEachTime()
    {
        const int Ticks = 16;                                  // 4 MB in all: the runtime alone collects twice, or never, by the size of the cache
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(WorkerScheduling.Auto), new WorkerFleet()) { Post = AtOnce };
        await collector.StartAsync(default);
        int before = GC.CollectionCount(0);
        for (int tick = 0; tick < Ticks; tick++)
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        }

        Assert.True(GC.CollectionCount(0) - before >= Ticks - 2);  // the first is half a second late, and may see what others' tests had collected
        await collector.StopAsync(default);
    }

    [Theory]
    [InlineData(WorkerScheduling.Auto, true)]
    [InlineData(WorkerScheduling.Fifo, true)]
    [InlineData(WorkerScheduling.Nice, false)]
    [InlineData(WorkerScheduling.Normal, false)]
    public async Task Ticks_WorkersMayBeInRealTime_SoIsWhatStopsThem(WorkerScheduling asked, bool mayBe)
    {
        var seen = new ConcurrentQueue<(bool Waits, bool IsRealTime, string? Thread)>();
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(asked), new WorkerFleet())
        {
            Collect = (_, waits) => seen.Enqueue((waits, KernelThread.IsRealTime(ThreadSchedule.CurrentThread), Thread.CurrentThread.Name)),
        };
        await collector.StartAsync(default);
        await Eventually.TrueAsync(() => seen.Any(one => one.Waits) && seen.Any(one => !one.Waits), // both: the whole heap, whose first pause it is, too
            () =>
            {
                Allocate(Budget);
                time.Advance(SteadyCollector.Interval);
            });

        bool isRealTime = mayBe && HostRights.MayBeRealTime;
        Assert.All(seen, one => Assert.Equal((isRealTime, "collector"), (one.IsRealTime, one.Thread)));
        await collector.StopAsync(default);
    }

    /// <summary>The runtime's thread has the second pause of the whole heap's, and whatever takes the core from it then holds the packets up.</summary>
    [Fact]
    public async Task WholeHeap_TheRuntimesThreadRunsBeforeTheRest()
    {
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(WorkerScheduling.Auto), new WorkerFleet()) { Post = AtOnce };
        await collector.StartAsync(default);

        // The runtime makes the thread with a collection that found none, and it ends when it was left alone.
        await Eventually.TrueAsync(() => Background().Any(nice => HostRights.MayBeNice ? nice == ThreadSchedule.Between : nice >= 0), () =>
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        });

        await collector.StopAsync(default);

        static int[] Background() => [.. KernelThreads.Named(SteadyCollector.BackgroundThread).Select(ThreadSchedule.NiceOf)];
    }

    /// <summary>A thread of the kernel makes its pause milliseconds longer otherwise; but it also works beside the packets, which go first.</summary>
    [Theory]
    [InlineData(WorkerScheduling.Auto, ThreadPolicy.Fifo, true)]
    [InlineData(WorkerScheduling.Auto, ThreadPolicy.Nice, false)]
    [InlineData(WorkerScheduling.Nice, ThreadPolicy.Nice, false)]
    public async Task WholeHeap_WorkersInRealTime_TheRuntimesThreadIsBehindThemUntilItIsDone(WorkerScheduling asked, ThreadPolicy workers, bool mayBe)
    {
        var during = new List<int>();                      // its priority while it collects, -1 without one
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(asked), Fleet(workers))
        {
            Post = AtOnce,
            Collect = (generation, waits) =>
            {
                if (generation == GC.MaxGeneration) during.Add(Priority());
                GC.Collect(generation, GCCollectionMode.Forced, waits);
            },
        };
        await collector.StartAsync(default);

        // The first one makes the thread.
        await Eventually.TrueAsync(() => during.Count > 1 && during[^1] >= 0 && during[^2] >= 0, () =>
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        });

        Assert.Equal(mayBe && HostRights.MayBeRealTime ? 1 : 0, during[^1]);
        Assert.Equal(0, Priority());
        await collector.StopAsync(default);

        static int Priority() => KernelThreads.Named(SteadyCollector.BackgroundThread) is [int thread, ..] ? ThreadSchedule.RealTimePriorityOf(thread) : -1;
    }

    private static WorkerFleet Fleet(ThreadPolicy policy)
    {
        var worker = new FakeWorker(0) { Latest = FakeSnapshots.Make(policy: policy) };
        var fleet = new WorkerFleet();
        fleet.Open([new WorkerPort(worker, new NodeMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())), TimeProvider.System)], new DtlsFingerprint("sha-256", new byte[32]));
        return fleet;
    }

    private static bool AtOnce(Action work)
    {
        work();
        return true;
    }

    private static IOptions<MediaOptions> By(WorkerScheduling scheduling) => Options.Create(new MediaOptions { Scheduling = scheduling });

    private static void Allocate(long bytes)
    {
        for (int i = 0; i <= bytes / 1000; i++) GC.KeepAlive(new byte[1024]);
    }
}
