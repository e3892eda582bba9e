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

    [Fact]
    public async Task Resume_FiveThousandAtOnce_PassAtTheRateAndAllWithinTheResumeWindow()
    {
        JoinGate gate = new(new RoomOptions(), _time);
        var clients = Enumerable.Range(0, 5000).Select(_ => new Returning(gate, _time)).ToList();
        var passed = new List<int>();
        for (int tick = 0; tick < 300; tick++)
        {
            foreach (Returning client in clients) client.Act();
            Assert.InRange(clients.Count(client => client.IsWaiting), 0, 1000);
            passed.Add(clients.Count(client => client.IsIn));
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        for (int tick = 10; tick < passed.Count; tick++) Assert.InRange(passed[tick] - passed[tick - 10], 0, 200 + 101);
        int last = passed.FindIndex(count => count == 5000);
        Assert.InRange(last, 200, 280);                 // 20 to 28 s: at the rate, and before sessions end
        Assert.InRange(clients.Sum(client => client.Attempts), 5000, 15_000); // the refused are spread: they do not hammer
    }

    [Fact]
    public async Task Resume_WhileJoinsFillTheirQueue_GoesAtOnce()
    {
        JoinGate gate = Make(50, 200);
        for (int i = 0; i < 500; i++) _ = gate.EnterAsync(default).AsTask();
        Assert.NotNull(await gate.EnterAsync(default));
        Assert.Null(await gate.ResumeAsync(isKnown: true, default).AsTask().WaitAsync(TimeSpan.Zero));
        Assert.Null(await gate.ResumeAsync(isKnown: false, default).AsTask().WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Enter_WhileResumesFillTheirRate_IsRefusedAndTakenAfterTheStorm()
    {
        JoinGate gate = new(new RoomOptions(), _time);
        Task<TimeSpan?>[] resumes = [.. Enumerable.Range(0, 1101).Select(_ => gate.ResumeAsync(isKnown: true, default).AsTask())];
        TimeSpan? refused = await gate.EnterAsync(default).AsTask().WaitAsync(TimeSpan.Zero);
        Assert.InRange(refused!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.1));
        _time.Advance(refused.Value);
        Assert.All(await Task.WhenAll(resumes), Assert.Null);
        Assert.Null(await gate.EnterAsync(default).AsTask().WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Enter_SomeResumesNow_TakeTheirShareOfTheJoins()
    {
        JoinGate gate = Make(50, 10_000);
        Task<TimeSpan?>[] joins = [.. Enumerable.Range(0, 26).Select(_ => gate.EnterAsync(default).AsTask())];
        for (int i = 0; i < 100; i++) Assert.Null(await gate.ResumeAsync(isKnown: true, default)); // as much work as 25 joins
        Task<TimeSpan?> next = gate.EnterAsync(default).AsTask();
        Assert.All(joins, join => Assert.True(join.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(519));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await next.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Resume_ClaimsOfUnknownSessions_HoldUpNeitherJoinsNorTheOthers()
    {
        JoinGate gate = new(new RoomOptions(), _time);
        for (int i = 0; i < 5000; i++) _ = gate.ResumeAsync(isKnown: false, default).AsTask();
        Assert.NotNull(await gate.ResumeAsync(isKnown: false, default));
        for (int i = 0; i < 25; i++) Assert.Null(await gate.EnterAsync(default).AsTask().WaitAsync(TimeSpan.Zero));
        Assert.Null(await gate.ResumeAsync(isKnown: true, default).AsTask().WaitAsync(TimeSpan.Zero));
    }

    /// <summary>A client that lost its socket: it resumes, and when it is refused, again at the time it was told.</summary>
    private sealed class Returning(JoinGate gate, FakeTimeProvider time)
    {
        private Task<TimeSpan?>? _asked;
        private DateTimeOffset _at;

        public int Attempts { get; private set; }

        public bool IsIn { get; private set; }

        public bool IsWaiting => _asked is { IsCompleted: false };

        public void Act()
        {
            if (IsIn || IsWaiting || time.GetUtcNow() < _at) return;
            if (_asked is null)
            {
                Attempts++;
                _asked = gate.ResumeAsync(isKnown: true, default).AsTask();
            }

            if (!_asked.IsCompleted) return;
            TimeSpan? wait = _asked.Result;
            _asked = null;
            IsIn = wait is null;
            _at = time.GetUtcNow() + (wait ?? TimeSpan.Zero);
        }
    }

    private JoinGate Make(int perSecond, int queue) => new(new RoomOptions { JoinsPerSecond = perSecond, JoinQueue = queue }, _time);
}
