using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>Who may do what to a room and to others.</summary>
public sealed class ModerationTests
{
    private static readonly string[] Actions = ["lock", "kick", "admit", "refuse", "mute_all", "metadata", "room metadata", "update", "mute"];

    public static TheoryData<string, string, RoomErrorCode?> Matrix
    {
        get
        {
            var rows = new TheoryData<string, string, RoomErrorCode?>();
            foreach (string action in Actions)
            {
                rows.Add(action, "back end", null);
                rows.Add(action, "host", null);
                rows.Add(action, "participant", RoomErrorCode.Forbidden);
                rows.Add(action, "waiting", RoomErrorCode.BadState);
                rows.Add(action, "gone", RoomErrorCode.NotFound);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Action_ByActor_IsAllowedOrRefused(string action, string actor, RoomErrorCode? expected)
    {
        var room = new Scene();
        RoomActor by = actor switch
        {
            "back end" => RoomActor.BackEnd("key"),
            "host" => RoomActor.Of(room.Host.Id),
            "participant" => RoomActor.Of(room.Guest.Id),
            "waiting" => RoomActor.Of(room.Waiter.Id),
            _ => RoomActor.Of(new ParticipantId("PA_gone")),
        };
        Decision decision = Decide(action, room, by);
        Assert.Equal(expected, decision.Error?.Code);
        Assert.Equal(expected is null, decision.Events.Count > 0);
    }

    [Fact]
    public void Action_RoomNotOpen_IsNotFound()
    {
        var room = new Scene();
        room.Do(Lifecycle.Delete(room.State, RoomActor.Server));
        Assert.All(Actions, action => Assert.Equal(RoomErrorCode.NotFound, Decide(action, room, RoomActor.Server).Error?.Code));
    }

    [Fact]
    public void Lock_AlreadySo_ChangesNothing()
    {
        var room = new Scene();
        Assert.Empty(Moderation.Lock(room.State, RoomActor.Server, false).Events);
        room.Do(Moderation.Lock(room.State, RoomActor.Of(room.Host.Id), true));
        Assert.True(room.State.Locked);
        Assert.Empty(Moderation.Lock(room.State, RoomActor.Server, true).Events);
    }

    [Theory]
    [InlineData("guest")]
    [InlineData("waiter")]
    public void Kick_InRoomOrLobby_RemovesWithReason(string whom)
    {
        var room = new Scene();
        ParticipantId id = whom == "guest" ? room.Guest.Id : room.Waiter.Id;
        room.Do(Moderation.Kick(room.State, RoomActor.Of(room.Host.Id), id, "rude"));
        Assert.Null(room.State.Find(id));
        var left = Assert.IsType<ParticipantLeft>(room.Log[^1].Event);
        Assert.Equal((LeaveReason.Kicked, "rude", RoomActor.Of(room.Host.Id)), (left.Reason, left.Detail, left.By));
    }

    [Theory]
    [InlineData("kick")]
    [InlineData("metadata")]
    [InlineData("mute")]
    public void Action_OnHiddenParticipant_ExistsForTheBackEndOnly(string action)
    {
        var room = new Scene();
        Participant hidden = room.Join("spy", TestData.Rights with { Hidden = true });
        Track track = room.Publish(hidden, TestData.Microphone);
        Decision Try(RoomActor by) => action switch
        {
            "kick" => Moderation.Kick(room.State, by, hidden.Id, ""),
            "metadata" => Moderation.ChangeMetadata(room.State, by, hidden.Id, "x", null),
            _ => Publishing.Mute(room.State, by, track.Id, true),
        };
        Assert.Equal(RoomErrorCode.NotFound, Try(RoomActor.Of(room.Host.Id)).Error?.Code);
        Assert.Null(Try(RoomActor.BackEnd("key")).Error);
    }

    [Fact]
    public void Admit_Waiting_JoinsNowAndKeepsWhoItIs()
    {
        var room = new Scene();
        room.Now += TimeSpan.FromMinutes(1);
        room.Do(Moderation.Admit(room.State, RoomActor.Of(room.Host.Id), room.Waiter.Id, room.Context));
        Participant admitted = room.State.Find(room.Waiter.Id)!;
        Assert.Equal((ParticipantState.Joined, room.Now, room.Waiter.Session), (admitted.State, admitted.JoinedAt, admitted.Session));
        Assert.Equal([room.OtherWaiter.Id], room.State.Waiting.Select(p => p.Id));
        Assert.Empty(Moderation.Admit(room.State, RoomActor.Server, room.Waiter.Id, room.Context).Events);
    }

    [Fact]
    public void Admit_FullRoom_IsRefused()
    {
        var room = new Scene();
        room.Do(Lifecycle.Update(room.State, new RoomDraft { MaxParticipants = 2 }, RoomActor.Server, room.Context));
        Assert.Equal(RoomErrorCode.RoomFull, Moderation.Admit(room.State, RoomActor.Server, room.Waiter.Id, room.Context).Error?.Code);
    }

    [Fact]
    public void Admit_LockedRoom_IsTheHostsWill()
    {
        var room = new Scene();
        room.Do(Moderation.Lock(room.State, RoomActor.Server, true));
        Assert.Null(Moderation.Admit(room.State, RoomActor.Of(room.Host.Id), room.Waiter.Id, room.Context).Error);
    }

    [Fact]
    public void Refuse_Joined_IsBadState() =>
        Assert.Equal(RoomErrorCode.BadState, Refuse(new Scene(), scene => scene.Guest.Id).Error?.Code);

    [Fact]
    public void Refuse_Waiting_Leaves()
    {
        var scene = new Scene();
        scene.Do(Refuse(scene, s => s.Waiter.Id));
        Assert.Equal(LeaveReason.Refused, Assert.IsType<ParticipantLeft>(scene.Log[^1].Event).Reason);
    }

    [Fact]
    public void MuteAll_MutesOpenTracksOfTheKindExceptOwnAndHidden()
    {
        var room = new Scene();
        Track own = room.Publish(room.Host, TestData.Microphone);
        Track camera = room.Publish(room.Guest, TestData.Camera);
        Participant hidden = room.Join("spy", TestData.Rights with { Hidden = true });
        Track secret = room.Publish(hidden, TestData.Microphone);

        room.Do(Moderation.MuteAll(room.State, RoomActor.Of(room.Host.Id), MediaKind.Audio));

        Assert.Equal(MutedBy.Admin, room.State.Find(room.GuestMicrophone.Id).Track!.MutedBy);
        Assert.All([own, camera, secret], track => Assert.False(room.State.Find(track.Id).Track!.Muted));
        Assert.Empty(Moderation.MuteAll(room.State, RoomActor.Of(room.Host.Id), MediaKind.Audio).Events);
        room.Do(Moderation.MuteAll(room.State, RoomActor.BackEnd("key"), MediaKind.Audio));
        Assert.Equal(MutedBy.Server, room.State.Find(own.Id).Track!.MutedBy);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("m", null, true)]
    [InlineData(null, "Guest", true)]
    [InlineData("", "GUEST", false)]
    public void ChangeMetadata_OfParticipant_TellsOnlyChanges(string? metadata, string? name, bool changes)
    {
        var room = new Scene();
        Decision decision = Moderation.ChangeMetadata(room.State, RoomActor.Server, room.Guest.Id, metadata, name);
        Assert.Equal(changes, decision.Events.Count == 1);
        room.Do(decision);
        Participant after = room.State.Find(room.Guest.Id)!;
        Assert.Equal((metadata ?? "", name ?? "GUEST"), (after.Metadata, after.Name));
    }

    [Fact]
    public void ChangeMetadata_TooLong_IsBadRequest()
    {
        var room = new Scene();
        Assert.Equal(RoomErrorCode.BadRequest, Moderation.ChangeMetadata(room.State, RoomActor.Server, null, new string('x', 2049), null).Error?.Code);
        Assert.Equal(
            RoomErrorCode.BadRequest, Moderation.ChangeMetadata(room.State, RoomActor.Server, room.Guest.Id, null, new string('x', 129)).Error?.Code);
    }

    private static Decision Refuse(Scene scene, Func<Scene, ParticipantId> whom) =>
        Moderation.Refuse(scene.State, RoomActor.Of(scene.Host.Id), whom(scene), "no");

    private static Decision Decide(string action, Scene room, RoomActor by) => action switch
    {
        "lock" => Moderation.Lock(room.State, by, true),
        "kick" => Moderation.Kick(room.State, by, room.Other.Id, ""),
        "admit" => Moderation.Admit(room.State, by, room.OtherWaiter.Id, room.Context),
        "refuse" => Moderation.Refuse(room.State, by, room.OtherWaiter.Id, ""),
        "mute_all" => Moderation.MuteAll(room.State, by, MediaKind.Audio),
        "metadata" => Moderation.ChangeMetadata(room.State, by, room.Other.Id, "new", null),
        "room metadata" => Moderation.ChangeMetadata(room.State, by, null, "new", null),
        "update" => Lifecycle.Update(room.State, new RoomDraft { MaxParticipants = 7 }, by, room.Context),
        "mute" => Publishing.Mute(room.State, by, room.OtherMicrophone.Id, true),
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>A host and two guests who speak, two in the lobby.</summary>
    private sealed class Scene
    {
        private readonly StateBuilder _room = new();

        public Scene()
        {
            _room.Open(new RoomDraft { Lobby = true });
            Host = _room.Join("host", TestData.Host);
            Guest = Admitted("guest");
            Other = Admitted("other");
            Waiter = _room.Join("waiter");
            OtherWaiter = _room.Join("waiter2");
            GuestMicrophone = _room.Publish(Guest, TestData.Microphone);
            OtherMicrophone = _room.Publish(Other, TestData.Microphone);
        }

        public Participant Host { get; }

        public Participant Guest { get; }

        public Participant Other { get; }

        public Participant Waiter { get; }

        public Participant OtherWaiter { get; }

        public Track GuestMicrophone { get; }

        public Track OtherMicrophone { get; }

        public RoomState State => _room.State;

        public List<LoggedEvent> Log => _room.Log;

        public DecisionContext Context => _room.Context;

        public DateTimeOffset Now
        {
            get => _room.Now;
            set => _room.Now = value;
        }

        public void Do(Decision decision) => _room.Do(decision);

        public Participant Join(string identity, ParticipantRights rights) => _room.Join(identity, rights);

        public Track Publish(Participant owner, TrackDraft draft) => _room.Publish(owner, draft);

        private Participant Admitted(string identity)
        {
            Participant waiting = _room.Join(identity);
            _room.Do(Moderation.Admit(State, RoomActor.Server, waiting.Id, Context));
            return State.Find(waiting.Id)!;
        }
    }
}
