using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>How rooms begin, change and end.</summary>
public sealed class LifecycleTests
{
    private static readonly HashSet<string> NoNodes = [];

    [Fact]
    public void Create_WithoutWishes_TakesTheDefaults()
    {
        StateBuilder room = new StateBuilder(options => options.MaxParticipants = 42).Open();
        Assert.Equal(
            new RoomSettings { MaxParticipants = 42, EmptyTimeout = TimeSpan.FromSeconds(300), DepartureTimeout = TimeSpan.FromSeconds(20) },
            room.State.Settings);
    }

    [Fact]
    public void Create_OpenRoom_LeavesItAsItIs()
    {
        StateBuilder room = new StateBuilder().Open();
        Assert.Empty(Lifecycle.Create(room.State, new RoomDraft { MaxParticipants = 0 }, RoomActor.Server, room.Context).Events);
    }

    public static TheoryData<RoomDraft> BadDrafts => new(
        new RoomDraft { MaxParticipants = 0 },
        new RoomDraft { MaxParticipants = 501 },
        new RoomDraft { EmptyTimeout = TimeSpan.Zero },
        new RoomDraft { EmptyTimeout = TimeSpan.FromDays(8) },
        new RoomDraft { DepartureTimeout = TimeSpan.FromTicks(-1) },
        new RoomDraft { DepartureTimeout = TimeSpan.FromDays(8) },
        new RoomDraft { Metadata = new string('m', 2049) });

    [Theory]
    [MemberData(nameof(BadDrafts))]
    public void CreateAndUpdate_OutOfRange_AreBadRequests(RoomDraft draft)
    {
        var room = new StateBuilder();
        Assert.Equal(RoomErrorCode.BadRequest, Lifecycle.Create(room.State, draft, RoomActor.Server, room.Context).Error?.Code);
        room.Open();
        Assert.Equal(RoomErrorCode.BadRequest, Lifecycle.Update(room.State, draft, RoomActor.Server, room.Context).Error?.Code);
    }

    [Fact]
    public void Update_NewMetadata_IsToldToEverybody()
    {
        StateBuilder room = new StateBuilder().Open();
        room.Do(Lifecycle.Update(room.State, new RoomDraft { Metadata = "m", MaxParticipants = 3 }, RoomActor.BackEnd("key"), room.Context));
        Assert.Equal([EventAudience.BackEnd, EventAudience.Everyone], room.Log.TakeLast(2).Select(entry => entry.Audience));
        Assert.Equal(("m", 3), (room.State.Settings!.Metadata, room.State.Settings.MaxParticipants));
        Assert.Empty(Lifecycle.Update(room.State, new RoomDraft { Metadata = "m" }, RoomActor.Server, room.Context).Events);
    }

    [Fact]
    public void Delete_WithParticipants_SendsThemAwayFirst()
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true });
        room.Publish(room.Join("host", TestData.Host), TestData.Microphone);
        room.Join("waiter");
        room.Do(Lifecycle.Delete(room.State, RoomActor.BackEnd("key")));
        Assert.Equal(
            ["TrackUnpublished", "ParticipantLeft", "ParticipantLeft", "RoomClosed"],
            room.Log.TakeLast(4).Select(entry => entry.Event.GetType().Name));
        Assert.False(room.State.IsOpen);
        Assert.Equal(RoomErrorCode.NotFound, Lifecycle.Delete(room.State, RoomActor.Server).Error?.Code);
    }

    [Fact]
    public void Delete_ByAHost_IsForbidden()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant host = room.Join("host", TestData.Host);
        Assert.Equal(RoomErrorCode.Forbidden, Lifecycle.Delete(room.State, RoomActor.Of(host.Id)).Error?.Code);
    }

    [Theory]
    [InlineData(299.999, false)]
    [InlineData(300, true)]
    public void Overdue_NobodyEverJoined_ClosesAfterTheEmptyTimeout(double seconds, bool closes)
    {
        StateBuilder room = new StateBuilder().Open();
        Assert.Equal(closes, Closes(room, seconds));
    }

    [Theory]
    [InlineData(19.999, false)]
    [InlineData(20, true)]
    public void Overdue_EverybodyLeft_ClosesAfterTheDepartureTimeout(double seconds, bool closes)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann"), bob = room.Join("bob");
        room.Now += TimeSpan.FromHours(1);
        room.Do(Admission.Leave(room.State, ann.Id, LeaveReason.ClientLeft, ""));
        Assert.False(Closes(room, 10_000));
        room.Do(Admission.Leave(room.State, bob.Id, LeaveReason.ClientLeft, ""));
        Assert.Equal(closes, Closes(room, seconds));
    }

    [Fact]
    public void Overdue_SomebodyCameBack_StaysOpen()
    {
        StateBuilder room = new StateBuilder().Open();
        room.Do(Admission.Leave(room.State, room.Join("ann").Id, LeaveReason.ClientLeft, ""));
        room.Join("ann");
        Assert.False(Closes(room, 10_000));
    }

    [Fact]
    public void Overdue_OnlyARecorderIsLeft_ClosesAndSendsItAway()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        room.Join("recorder", TestData.Rights with { Recorder = true, Hidden = true });
        room.Do(Admission.Leave(room.State, ann.Id, LeaveReason.ClientLeft, ""));
        Assert.True(Closes(room, 20));
        Assert.Equal(LeaveReason.RoomClosed, room.Log.Select(entry => entry.Event).OfType<ParticipantLeft>().Last().Reason);
    }

    [Fact]
    public void Overdue_SomebodyWaits_KeepsTheRoomOpenUntilTheLobbyTimeout()
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true });
        Participant waiter = room.Join("waiter");
        room.Now += room.Options.LobbyTimeout - TimeSpan.FromMilliseconds(1);
        Assert.Empty(Overdue(room, NoNodes));
        room.Now += TimeSpan.FromMilliseconds(1);
        var left = Assert.IsType<ParticipantLeft>(Assert.Single(Overdue(room, NoNodes)));
        Assert.Equal((waiter.Id, LeaveReason.Timeout), (left.Participant, left.Reason));
    }

    [Theory]
    [InlineData(59.999, false)]
    [InlineData(60, true)]
    public void Overdue_GrantEnds_Leaves(double seconds, bool leaves)
    {
        StateBuilder room = new StateBuilder().Open();
        room.Do(Admission.Join(room.State, TestData.Join("ann") with { ExpiresAt = room.Now + TimeSpan.FromSeconds(60) }, room.Context));
        room.Now += TimeSpan.FromSeconds(seconds);
        Assert.Equal(leaves ? [LeaveReason.TokenExpired] : [], Overdue(room, NoNodes).OfType<ParticipantLeft>().Select(left => left.Reason));
    }

    [Fact]
    public void Overdue_NodeLost_LeavesOnlyItsParticipants()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann", node: "N_dead");
        room.Join("bob");
        Track track = room.Publish(ann, TestData.Microphone);
        Assert.Equal(
            [
                new TrackUnpublished(track.Id, ann.Id, UnpublishReason.ParticipantLeft),
                new ParticipantLeft(ann.Id, "ann", LeaveReason.NodeLost, "", RoomActor.Server),
            ],
            Overdue(room, ["N_dead"]));
    }

    [Fact]
    public void Create_AfterClose_BeginsAnewWithTheNumbersGoingOn()
    {
        StateBuilder room = new StateBuilder().Open();
        string first = room.State.RoomId;
        room.Do(Moderation.Lock(room.State, RoomActor.Server, true)).Do(Lifecycle.Delete(room.State, RoomActor.Server));
        room.Open();
        Assert.NotEqual(first, room.State.RoomId);
        Assert.Equal((4, false, false), (room.State.Seq, room.State.Locked, room.State.EverJoined));
    }

    private static IReadOnlyList<RoomEvent> Overdue(StateBuilder room, HashSet<string> lost) =>
        Lifecycle.Overdue(room.State, room.Context, lost).Events;

    private static bool Closes(StateBuilder room, double seconds)
    {
        DateTimeOffset now = room.Now;
        room.Now += TimeSpan.FromSeconds(seconds);
        IReadOnlyList<RoomEvent> events = Overdue(room, NoNodes);
        if (events.Count == 0)
        {
            room.Now = now;
            return false;
        }

        foreach (RoomEvent roomEvent in events) room.Apply(roomEvent);
        Assert.Equal(RoomCloseReason.Empty, Assert.IsType<RoomClosed>(events[^1]).Reason);
        return true;
    }
}
