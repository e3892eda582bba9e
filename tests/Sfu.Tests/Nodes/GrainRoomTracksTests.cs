using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

public sealed class GrainRoomTracksTests
{
    private static readonly RoomKey Room = new("tenant", "room");
    private static readonly ParticipantId Ann = new("PA_ann");
    private static readonly TrackDraft[] Drafts = [new(MediaKind.Audio, TrackSource.Microphone)];
    private readonly FakeTimeProvider _time = new();
    private readonly GrainDouble _grain = GrainDouble.New();
    private readonly GrainRoomTracks _tracks;

    public GrainRoomTracksTests() => _tracks = new GrainRoomTracks(_ => _grain.AsGrain, _time, NullLogger<GrainRoomTracks>.Instance);

    [Fact]
    public async Task Publish_GrainAnswers_PassesItsWordOn()
    {
        _grain.Publish = () => Task.FromResult(Outcome());

        PublishOutcome? outcome = await _tracks.PublishAsync(Room, Ann, Drafts, CancellationToken.None);

        Assert.Equal("TR_1", outcome!.Tracks[0].Track!.Id.Value);
        Assert.Empty(_grain.Unpublished);
    }

    [Fact]
    public async Task Publish_GrainFails_IsNull()
    {
        _grain.Publish = () => throw new TimeoutException("the silo is gone");

        Assert.Null(await _tracks.PublishAsync(Room, Ann, Drafts, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unpublish_TellsWhetherTheGrainAnswered(bool fails)
    {
        _grain.UnpublishFails = fails;

        Assert.Equal(!fails, await _tracks.UnpublishAsync(Room, Ann, [new TrackId("TR_1")], UnpublishReason.Replaced, CancellationToken.None));
        Assert.Equal([(new TrackId("TR_1"), UnpublishReason.Replaced)], _grain.Unpublished);
    }

    [Fact]
    public async Task Publish_AnswerComesAfterThePatience_TracksAreWithdrawn()
    {
        var late = new TaskCompletionSource<PublishOutcome>();
        _grain.Publish = () => late.Task;

        Task<PublishOutcome?> call = _tracks.PublishAsync(Room, Ann, Drafts, CancellationToken.None);
        _time.Advance(GrainRoomTracks.Patience);
        Assert.Null(await call);
        late.SetResult(Outcome());

        Assert.Equal((new TrackId("TR_1"), UnpublishReason.Unpublished), await _grain.FirstUnpublished.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Publish_Cancelled_TracksAreWithdrawn()
    {
        var late = new TaskCompletionSource<PublishOutcome>();
        _grain.Publish = () => late.Task;
        using var cancellation = new CancellationTokenSource();

        Task<PublishOutcome?> call = _tracks.PublishAsync(Room, Ann, Drafts, cancellation.Token);
        await cancellation.CancelAsync();
        Assert.Null(await call);
        late.SetResult(Outcome());

        Assert.Equal((new TrackId("TR_1"), UnpublishReason.Unpublished), await _grain.FirstUnpublished.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Off the test's synchronisation context, where everything that Advance wakes runs on within Advance.</summary>
    [Fact]
    public Task Withdraw_GrainFails_IsTriedAgainWithLongerPausesAndThenGivenUp() => Task.Run(() =>
    {
        _grain.UnpublishFails = true;
        _tracks.Withdraw(Room, Ann, [new TrackId("TR_1")]);
        TimeSpan pause = GrainRoomTracks.FirstPause;
        for (int attempt = 1; attempt < GrainRoomTracks.WithdrawTries; attempt++)
        {
            _time.Advance(pause - TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt, _grain.Unpublished.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt + 1, _grain.Unpublished.Count);
            pause *= 2;
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(GrainRoomTracks.WithdrawTries, _grain.Unpublished.Count);
    });

    private static PublishOutcome Outcome() => new([new PublishResult(
        new Track { Id = new TrackId("TR_1"), Participant = Ann, Kind = MediaKind.Audio, Source = TrackSource.Microphone }, null)]);
}
