using Microsoft.Extensions.Time.Testing;
using Sfu.Hosting;

namespace Sfu.Tests.Hosting;

/// <summary>When the garbage of a quiet process is collected.</summary>
public sealed class YoungCollectorTests
{
    private const long Budget = YoungCollector.Budget;

    [Fact]
    public void IsDue_LittleGarbage_WaitsUntilTheBudgetIsSpent()
    {
        using var collector = new YoungCollector(TimeProvider.System);

        Assert.False(collector.IsDue(100 * Budget, 3));        // what was before it looked first
        Assert.False(collector.IsDue(101 * Budget - 1, 3));
        Assert.True(collector.IsDue(101 * Budget, 3));
    }

    [Fact]
    public void IsDue_TheRuntimeHasCollected_BeginsAnew()
    {
        using var collector = new YoungCollector(TimeProvider.System);
        collector.IsDue(0, 3);

        Assert.False(collector.IsDue(9 * Budget, 4));
        Assert.False(collector.IsDue(10 * Budget - 1, 4));
        Assert.True(collector.IsDue(10 * Budget, 4));
    }

    [Fact]
    public void NextGeneration_OfSoMany_IsTheOlderOneOnce()
    {
        using var collector = new YoungCollector(TimeProvider.System);

        int[] generations = [.. Enumerable.Range(0, 3 * YoungCollector.Deeper).Select(_ => collector.NextGeneration())];

        Assert.Equal([11, 23, 35], Enumerable.Range(0, generations.Length).Where(i => generations[i] == 1));
        Assert.DoesNotContain(generations, generation => generation > 1);
    }

    [Fact]
    public void IsWholeDue_EachThirdLook_UnlessNothingHappens()
    {
        using var collector = new YoungCollector(TimeProvider.System);

        bool[] busy = [.. Enumerable.Range(1, 9).Select(look => collector.IsWholeDue(look * Budget / 2))];
        bool[] idle = [.. Enumerable.Range(1, 9).Select(look => collector.IsWholeDue(9 * Budget / 2 + look * 100))];

        Assert.Equal([2, 5, 8], Enumerable.Range(0, busy.Length).Where(look => busy[look]));
        Assert.DoesNotContain(true, idle);
        Assert.True(YoungCollector.Whole * YoungCollector.Interval < TimeSpan.FromSeconds(20)); // for so long the runtime's thread waits
    }

    /// <summary>What the remark of the class says of the runtime, on it: the thread that waits for work collects without stopping the others for long.</summary>
    [Fact]
    public async Task Ticks_OfABusyProcess_CollectTheWholeHeapInTheBackground()
    {
        var time = new FakeTimeProvider();
        using var collector = new YoungCollector(time);
        await collector.StartAsync(default);
        long before = GC.GetGCMemoryInfo(GCKind.Background).Index;
        for (int tick = 0; tick < 4 * YoungCollector.Whole; tick++)
        {
            for (int i = 0; i <= Budget / 1000; i++) GC.KeepAlive(new byte[1024]);
            time.Advance(YoungCollector.Interval);
        }

        // The first may have been done at once, since there was no thread for it, and one that is asked for while another goes on is none.
        await Eventually.TrueAsync(() => GC.GetGCMemoryInfo(GCKind.Background).Index > before);
        await collector.StopAsync(default);
    }

    [Fact]
    public async Task Tick_MoreThanTheBudgetEachTime_CollectsEachTime()
    {
        const int Ticks = 16;                                  // 4 MB in all: the runtime alone collects twice, or never, by the size of the cache
        var time = new FakeTimeProvider();
        using var collector = new YoungCollector(time);
        await collector.StartAsync(default);
        int before = GC.CollectionCount(0);
        for (int tick = 0; tick < Ticks; tick++)
        {
            for (int i = 0; i <= Budget / 1000; i++) GC.KeepAlive(new byte[1024]);
            time.Advance(YoungCollector.Interval);
        }

        Assert.True(GC.CollectionCount(0) - before >= Ticks - 1);  // in the first it may see what others' tests had collected
        await collector.StopAsync(default);
    }
}
