using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Placement;

namespace Sfu.Tests.Placement;

/// <summary>Joins per second and the queue behind.</summary>
public sealed class JoinGateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Enter_Burst_HalfASecondsWorthAtOnceThenSpaced()
    {
        JoinGate gate = Make(50, 200);
        Task<TimeSpan?>[] joins = [.. Enumerable.Range(0, 100).Select(_ => gate.EnterAsync(default).AsTask())];
        Assert.Equal(26, joins.Count(join => join.IsCompleted)); // 25 and the first one's own turn
        for (int tick = 1; tick <= 74; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.Equal(26 + tick, joins.Count(join => join.IsCompleted));
        }

        Assert.All(await Task.WhenAll(joins), wait => Assert.Null(wait));
    }

    [Fact]
    public async Task Enter_FullQueue_IsRefusedWithATimeThatHelps()
    {
        JoinGate gate = Make(10, 5);
        Task<TimeSpan?>[] joins = [.. Enumerable.Range(0, 11).Select(_ => gate.EnterAsync(default).AsTask())];
        Assert.Equal(6, joins.Count(join => join.IsCompleted));
        TimeSpan? wait = await gate.EnterAsync(default);
        Assert.Equal(TimeSpan.FromMilliseconds(700), wait);
        _time.Advance(wait!.Value);
        Assert.Null(await gate.EnterAsync(default));
    }

    [Fact]
    public async Task Enter_Cancelled_LeavesTheQueue()
    {
        JoinGate gate = Make(10, 1);
        for (int i = 0; i < 6; i++) Assert.Null(await gate.EnterAsync(default));
        using var cancel = new CancellationTokenSource();
        Task<TimeSpan?> waiting = gate.EnterAsync(cancel.Token).AsTask();
        Assert.NotNull(await gate.EnterAsync(default));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(gate.EnterAsync(default).AsTask().IsCompleted); // its place is free
    }

    [Fact]
    public void Enter_AnySecond_LetsAtMostTheRateAndTheBurstIn()
    {
        JoinGate gate = Make(50, 10_000);
        Task<TimeSpan?>[] joins = [.. Enumerable.Range(0, 500).Select(_ => gate.EnterAsync(default).AsTask())];
        int before = joins.Count(join => join.IsCompleted);
        for (int second = 0; second < 9; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            int now = joins.Count(join => join.IsCompleted);
            Assert.InRange(now - before, 49, 50);
            before = now;
        }

    }

    private JoinGate Make(int perSecond, int queue) => new(new RoomOptions { JoinsPerSecond = perSecond, JoinQueue = queue }, _time);
}
