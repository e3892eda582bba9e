using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Hosting;
using Sfu.Media.Native;

namespace Sfu.Tests.Hosting;

/// <summary>When the garbage of a quiet process is collected.</summary>
public sealed class SteadyCollectorTests
{
    private const long Budget = SteadyCollector.Budget;

    [Fact]
    public void IsDue_LittleGarbage_WaitsUntilTheBudgetIsSpent()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto));

        Assert.False(collector.IsDue(100 * Budget, 3));        // what was before it looked first
        Assert.False(collector.IsDue(101 * Budget - 1, 3));
        Assert.True(collector.IsDue(101 * Budget, 3));
    }

    [Fact]
    public void IsDue_TheRuntimeHasCollected_BeginsAnew()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto));
        collector.IsDue(0, 3);

        Assert.False(collector.IsDue(9 * Budget, 4));
        Assert.False(collector.IsDue(10 * Budget - 1, 4));
        Assert.True(collector.IsDue(10 * Budget, 4));
    }

    [Fact]
    public void NextGeneration_OfSoMany_IsTheOlderOneOnce()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto));

        int[] generations = [.. Enumerable.Range(0, 3 * SteadyCollector.Deeper).Select(_ => collector.NextGeneration())];

        Assert.Equal([11, 23, 35], Enumerable.Range(0, generations.Length).Where(i => generations[i] == 1));
        Assert.DoesNotContain(generations, generation => generation > 1);
    }

    [Fact]
    public void IsWholeDue_EachThirdLook_UnlessNothingHappens()
    {
        using var collector = new SteadyCollector(TimeProvider.System, By(WorkerScheduling.Auto));

        bool[] busy = [.. Enumerable.Range(1, 9).Select(look => collector.IsWholeDue(look * Budget / 2))];
        bool[] idle = [.. Enumerable.Range(1, 9).Select(look => collector.IsWholeDue(9 * Budget / 2 + look * 100))];

        Assert.Equal([2, 5, 8], Enumerable.Range(0, busy.Length).Where(look => busy[look]));
        Assert.DoesNotContain(true, idle);
        Assert.True(SteadyCollector.Whole * SteadyCollector.Interval < TimeSpan.FromSeconds(20)); // for so long the runtime's thread waits
    }

    [Fact]
    public async Task Ticks_OfABusyProcess_AskForTheWholeHeapAndDoNotWait()
    {
        var asked = new List<(int Tick, int Generation, bool Waits)>();
        int tick = 0;
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(WorkerScheduling.Auto)) { Collect = (generation, waits) => asked.Add((tick, generation, waits)) };
        await collector.StartAsync(default);
        for (tick = 1; tick <= 3 * SteadyCollector.Whole; tick++)
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        }

        Assert.Equal([3, 6, 9], asked.Where(one => one.Generation == GC.MaxGeneration && !one.Waits).Select(one => one.Tick));
        Assert.All(asked, one => Assert.Equal(one.Generation < GC.MaxGeneration, one.Waits));
        await collector.StopAsync(default);
    }

    [Fact]
    public async Task Tick_MoreThanTheBudgetEachTime_CollectsEachTime()
    {
        const int Ticks = 16;                                  // 4 MB in all: the runtime alone collects twice, or never, by the size of the cache
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(WorkerScheduling.Auto));
        await collector.StartAsync(default);
        int before = GC.CollectionCount(0);
        for (int tick = 0; tick < Ticks; tick++)
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        }

        Assert.True(GC.CollectionCount(0) - before >= Ticks - 1);  // in the first it may see what others' tests had collected
        await collector.StopAsync(default);
    }

    [Theory]
    [InlineData(WorkerScheduling.Auto, true)]
    [InlineData(WorkerScheduling.Fifo, true)]
    [InlineData(WorkerScheduling.Nice, false)]
    [InlineData(WorkerScheduling.Normal, false)]
    public async Task Ticks_WorkersMayBeInRealTime_SoIsWhatStopsThem(WorkerScheduling asked, bool mayBe)
    {
        var seen = new List<(bool Waits, bool IsRealTime)>();
        var time = new FakeTimeProvider();
        using var collector = new SteadyCollector(time, By(asked))
        {
            Collect = (_, waits) => seen.Add((waits, KernelThread.IsRealTime(ThreadSchedule.CurrentThread))),
        };
        await collector.StartAsync(default);
        for (int tick = 0; tick < SteadyCollector.Whole; tick++)
        {
            Allocate(Budget);
            time.Advance(SteadyCollector.Interval);
        }

        bool isRealTime = mayBe && HostRights.MayBeRealTime;
        Assert.Contains(seen, one => one.Waits);
        Assert.Contains(seen, one => !one.Waits);              // the whole heap, whose first pause it is
        Assert.All(seen, one => Assert.Equal(isRealTime, one.IsRealTime));
        await collector.StopAsync(default);
    }

    private static IOptions<MediaOptions> By(WorkerScheduling scheduling) => Options.Create(new MediaOptions { Scheduling = scheduling });

    private static void Allocate(long bytes)
    {
        for (int i = 0; i <= bytes / 1000; i++) GC.KeepAlive(new byte[1024]);
    }
}
