using Microsoft.Extensions.Time.Testing;
using Sfu.Health;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Health;

public sealed class WorkerWatchTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeSnapshots _snapshots = new();

    [Fact]
    public async Task FindStuck_WorkersThatReport_FindsNone()
    {
        using var watch = new WorkerWatch(_clock, _snapshots);
        await watch.StartAsync(CancellationToken.None);
        for (int second = 0; second < 60; second++)
        {
            _snapshots.Latest = [FakeSnapshots.Make(0), FakeSnapshots.Make(1)];
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(watch.FindStuck(WorkerWatch.ReadyLimit));
        Assert.Equal(2, watch.Count);
    }

    [Fact]
    public async Task FindStuck_WorkerThatStopped_IsFoundAfterTheLimit()
    {
        using var watch = new WorkerWatch(_clock, _snapshots);
        await watch.StartAsync(CancellationToken.None);
        var silent = FakeSnapshots.Make(1);
        _snapshots.Latest = [FakeSnapshots.Make(0), silent];
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (int second = 0; second < 10; second++)
        {
            _snapshots.Latest = [FakeSnapshots.Make(0), silent];
            Assert.Null(watch.FindStuck(WorkerWatch.LiveLimit));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        _snapshots.Latest = [FakeSnapshots.Make(0), silent];
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("media worker 1 was silent for 11 s", watch.FindStuck(WorkerWatch.LiveLimit));
    }

    [Fact]
    public async Task FindStuck_WorkerThatNeverReports_IsFoundAfterTheLimit()
    {
        using var watch = new WorkerWatch(_clock, _snapshots);
        await watch.StartAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(1)); // what came before the workers does not count
        _snapshots.Expected = [0, 1];
        Assert.Null(watch.FindStuck(WorkerWatch.LiveLimit));
        for (int second = 0; second < 10; second++)
        {
            _snapshots.Latest = [FakeSnapshots.Make(0)];
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Null(watch.FindStuck(WorkerWatch.LiveLimit));
        }

        Assert.Equal("media worker 1 was silent for 10 s", watch.FindStuck(WorkerWatch.ReadyLimit));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("media worker 1 was silent for 11 s", watch.FindStuck(WorkerWatch.LiveLimit));
        Assert.Equal(1, watch.Count);
    }

    [Fact]
    public async Task FindStuck_WorkerThatReportsLate_IsFoundNoMore()
    {
        using var watch = new WorkerWatch(_clock, _snapshots);
        await watch.StartAsync(CancellationToken.None);
        _snapshots.Expected = [0];
        _clock.Advance(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull(watch.FindStuck(WorkerWatch.LiveLimit));

        _snapshots.Latest = [FakeSnapshots.Make(0)];

        Assert.Null(watch.FindStuck(TimeSpan.Zero));
    }

    [Fact]
    public void FindStuck_NoWorkerYet_FindsNone()
    {
        using var watch = new WorkerWatch(_clock);

        Assert.Null(watch.FindStuck(TimeSpan.Zero));
        Assert.Equal(0, watch.Count);
    }
}
