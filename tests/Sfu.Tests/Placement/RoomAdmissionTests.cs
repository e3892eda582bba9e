using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Placement;

/// <summary>The node's limits, and an answer whatever happens behind.</summary>
public sealed class RoomAdmissionTests
{
    private readonly FakeRoomGrains _grains = new();
    private readonly FakeNodes _node = new();
    private readonly FakeTimeProvider _time = new(TestData.Start);
    private readonly RoomOptions _options = new();
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly RoomCensus _census;
    private readonly RoomAdmission _admission;

    public RoomAdmissionTests()
    {
        IOptions<RoomOptions> options = Options.Create(_options);
        var metrics = new RoomMetrics(Metrics.WithCustomRegistry(_registry));
        _census = new RoomCensus(options, metrics);
        _admission = new RoomAdmission(_grains, _node, _census, metrics, options, _time, NullLogger<RoomAdmission>.Instance);
    }

    public static TheoryData<RoomErrorCode, string> Results => new()
    {
        { RoomErrorCode.NotFound, "not_found" },
        { RoomErrorCode.Forbidden, "forbidden" },
        { RoomErrorCode.BadState, "bad_request" },
        { RoomErrorCode.BadRequest, "bad_request" },
        { RoomErrorCode.RoomFull, "room_full" },
        { RoomErrorCode.RoomLocked, "room_locked" },
        { RoomErrorCode.Limit, "limit" },
        { RoomErrorCode.Draining, "draining" },
        { RoomErrorCode.TryAgain, "try_again" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public async Task Join_Refused_IsPassedOnAndCounted(RoomErrorCode code, string label)
    {
        var refused = new JoinRefused(new RoomError(code, "no"));
        _grains.Grain.OnJoin = () => Task.FromResult<JoinOutcome>(refused);
        Assert.Same(refused, await JoinAsync());
        Assert.Equal(1, await CountAsync($"sfu_joins_total{{outcome=\"{label}\"}}"));
    }

    [Fact]
    public async Task Join_AcceptedAndWaiting_AreCounted()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        _grains.Grain.OnJoin = () => Task.FromResult<JoinOutcome>(new JoinAccepted(ann, room.State.ToSnapshot()));
        Assert.IsType<JoinAccepted>(await JoinAsync());
        _grains.Grain.OnJoin = () => Task.FromResult<JoinOutcome>(new JoinWaiting(ann, room.State.ToInfo(), 2));
        Assert.IsType<JoinWaiting>(await JoinAsync());
        Assert.Equal(1, await CountAsync("sfu_joins_total{outcome=\"accepted\"}"));
        Assert.Equal(1, await CountAsync("sfu_joins_total{outcome=\"waiting\"}"));
    }

    [Fact]
    public async Task Metrics_BeforeAnyJoin_HaveEveryLabelAtZero()
    {
        Assert.Equal(0, await CountAsync("sfu_joins_total{outcome=\"accepted\"}"));
        Assert.Equal(0, await CountAsync("sfu_leaves_total{reason=\"node_lost\"}"));
        Assert.Equal(0, await CountAsync("sfu_limit_hits_total{kind=\"joins\"}"));
    }

    [Fact]
    public async Task Join_Draining_IsRefusedWithoutAskingTheRoom()
    {
        _node.IsDraining = true;
        RoomError error = Assert.IsType<JoinRefused>(await JoinAsync()).Error;
        Assert.Equal(RoomErrorCode.Draining, error.Code);
        Assert.NotNull(error.RetryAfter);
    }

    [Fact]
    public async Task Join_DrainBeginsWhileWaiting_IsRefused()
    {
        _options.JoinsPerSecond = 2;
        RoomAdmission slow = Again();
        _grains.Grain.OnJoin = () => Task.FromResult<JoinOutcome>(new JoinRefused(new RoomError(RoomErrorCode.RoomFull, "no")));
        for (int i = 0; i < 2; i++) await slow.JoinAsync(TestData.Key, TestData.Join("a"));
        Task<JoinOutcome> waiting = slow.JoinAsync(TestData.Key, TestData.Join("b"));
        _node.IsDraining = true;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RoomErrorCode.Draining, Assert.IsType<JoinRefused>(await waiting).Error.Code);
    }

    [Fact]
    public async Task Join_TooMany_AreRefusedWithRetryAfterAndCounted()
    {
        _options.JoinsPerSecond = 1;
        _options.JoinQueue = 0;
        RoomAdmission slow = Again();
        _grains.Grain.OnJoin = () => Task.FromResult<JoinOutcome>(new JoinRefused(new RoomError(RoomErrorCode.RoomFull, "no")));
        await slow.JoinAsync(TestData.Key, TestData.Join("a"));
        RoomError error = Assert.IsType<JoinRefused>(await slow.JoinAsync(TestData.Key, TestData.Join("b"))).Error;
        Assert.Equal((RoomErrorCode.Limit, TimeSpan.FromSeconds(1.5)), (error.Code, error.RetryAfter));
        Assert.Equal(1, await CountAsync("sfu_limit_hits_total{kind=\"joins\"}"));
    }

    [Fact]
    public async Task Resume_TooMany_AreRefusedWithRetryAfterAndCounted()
    {
        (_options.ResumesPerSecond, _options.ResumeQueue) = (1, 0);
        RoomAdmission slow = Again();
        var refused = new ResumeRefused(new RoomError(RoomErrorCode.NotFound, "no"));
        _grains.Grain.OnResume = () => Task.FromResult<ResumeOutcome>(refused);
        Assert.Same(refused, await slow.ResumeAsync(TestData.Key, Resume, isKnown: true));
        RoomError error = Assert.IsType<ResumeRefused>(await slow.ResumeAsync(TestData.Key, Resume, isKnown: true)).Error;
        Assert.Equal((RoomErrorCode.Limit, TimeSpan.FromSeconds(1.5)), (error.Code, error.RetryAfter));
        Assert.Equal(1, await CountAsync("sfu_limit_hits_total{kind=\"resumes\"}"));
        Assert.Same(refused, await slow.ResumeAsync(TestData.Key, Resume, isKnown: false));
    }

    [Fact]
    public async Task Resume_RoomThrowsOrNeverAnswers_IsTryAgain()
    {
        _grains.Grain.OnResume = () => Task.FromException<ResumeOutcome>(new TimeoutException("no answer"));
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<ResumeRefused>(await _admission.ResumeAsync(TestData.Key, Resume, true)).Error.Code);
        _grains.Grain.OnResume = () => new TaskCompletionSource<ResumeOutcome>().Task;
        using var gone = new CancellationTokenSource();
        Task<ResumeOutcome> resume = _admission.ResumeAsync(TestData.Key, Resume, true, gone.Token);
        await gone.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(resume.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<ResumeRefused>(await resume).Error.Code);
    }

    [Fact]
    public async Task Resume_SocketLostWhileWaiting_DoesNotAskTheRoom()
    {
        _options.ResumesPerSecond = 1;
        RoomAdmission slow = Again();
        int asked = 0;
        _grains.Grain.OnResume = () => Task.FromResult<ResumeOutcome>(new ResumeRefused(new RoomError(RoomErrorCode.NotFound, $"{++asked}")));
        await slow.ResumeAsync(TestData.Key, Resume, true);
        using var gone = new CancellationTokenSource();
        Task<ResumeOutcome> waiting = slow.ResumeAsync(TestData.Key, Resume, true, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Join_NodeFull_CountsThoseUnderWay()
    {
        _options.MaxParticipantsPerNode = 3;
        _census.Set(TestData.Key, 1);
        var room = new TaskCompletionSource<JoinOutcome>();
        _grains.Grain.OnJoin = () => room.Task;
        Task<JoinOutcome> a = JoinAsync(), b = JoinAsync();
        Assert.Equal(RoomErrorCode.Limit, Assert.IsType<JoinRefused>(await JoinAsync()).Error.Code);
        room.SetResult(new JoinRefused(new RoomError(RoomErrorCode.RoomLocked, "no")));
        await Task.WhenAll(a, b);
        Assert.Equal(RoomErrorCode.RoomLocked, Assert.IsType<JoinRefused>(await JoinAsync()).Error.Code);
        Assert.Equal(1, await CountAsync("sfu_limit_hits_total{kind=\"node_participants\"}"));
    }

    [Fact]
    public async Task Join_RoomThrows_IsTryAgainAndIsUndone()
    {
        JoinRequest request = TestData.Join("ann");
        _grains.Grain.OnJoin = () => Task.FromException<JoinOutcome>(new TimeoutException("no answer"));
        JoinOutcome outcome = await _admission.JoinAsync(TestData.Key, request);
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<JoinRefused>(outcome).Error.Code);
        await _grains.Grain.AbandonedOnce.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal([request.Session], _grains.Grain.Abandoned);
    }

    [Fact]
    public async Task Join_RoomNeverAnswers_IsTryAgainAfterTenSeconds()
    {
        var room = new TaskCompletionSource<JoinOutcome>();
        _grains.Grain.OnJoin = () => room.Task;
        Task<JoinOutcome> join = JoinAsync();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(join.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(RoomErrorCode.TryAgain, Assert.IsType<JoinRefused>(await join).Error.Code);
        Assert.Empty(_grains.Grain.Abandoned); // only once the room has answered is it clear what to undo
        StateBuilder state = new StateBuilder().Open();
        room.SetResult(new JoinAccepted(state.Join("ann"), state.State.ToSnapshot()));
        await _grains.Grain.AbandonedOnce.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Join_ClientGivesUp_IsUndone()
    {
        var room = new TaskCompletionSource<JoinOutcome>();
        _grains.Grain.OnJoin = () => room.Task;
        using var cancel = new CancellationTokenSource();
        Task<JoinOutcome> join = _admission.JoinAsync(TestData.Key, TestData.Join("ann"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join);
        StateBuilder state = new StateBuilder().Open();
        room.SetResult(new JoinAccepted(state.Join("ann"), state.State.ToSnapshot()));
        await _grains.Grain.AbandonedOnce.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, await CountAsync("sfu_joins_total{outcome=\"cancelled\"}"));
    }

    [Fact]
    public void Census_RoomsAndTenants_AreLimitedSeparately()
    {
        (_options.MaxRooms, _options.MaxRoomsPerTenant) = (3, 2);
        Assert.Null(_census.FullBy("a"));
        _census.Set(new RoomKey("a", "1"), 4);
        _census.Set(new RoomKey("a", "2"), 1);
        _census.Set(new RoomKey("a", "2"), 3);
        Assert.Equal((2, 7), (_census.Rooms, _census.Participants));
        Assert.Equal(LimitKind.TenantRooms, _census.FullBy("a"));
        Assert.Null(_census.FullBy("b"));
        _census.Set(new RoomKey("b", "1"), 0);
        Assert.Equal(LimitKind.Rooms, _census.FullBy("b"));
        _census.Remove(new RoomKey("a", "2"));
        _census.Remove(new RoomKey("a", "2"));
        Assert.Equal((2, 4), (_census.Rooms, _census.Participants));
        Assert.Null(_census.FullBy("a"));
    }

    private RoomAdmission Again()
    {
        IOptions<RoomOptions> options = Options.Create(_options);
        return new RoomAdmission(
            _grains, _node, _census, new RoomMetrics(Metrics.WithCustomRegistry(_registry)), options, _time, NullLogger<RoomAdmission>.Instance);
    }

    private static ResumeRequest Resume { get; } = new(ServerIds.NewSession(), "old", "new", 1, TestData.Node);

    private Task<JoinOutcome> JoinAsync() => _admission.JoinAsync(TestData.Key, TestData.Join("ann"));

    private async Task<double> CountAsync(string series)
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream);
        string line = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n').Single(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
