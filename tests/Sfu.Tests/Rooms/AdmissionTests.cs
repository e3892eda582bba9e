using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>Who gets in, resumes and leaves.</summary>
public sealed class AdmissionTests
{
    [Theory]
    [InlineData(true, null, true)] // the token may create
    [InlineData(false, true, true)] // the configuration says so
    [InlineData(false, false, false)]
    [InlineData(false, null, false)]
    public void Join_NoRoom_CreatesItOnlyWhenAllowed(bool mayCreate, bool? autoCreate, bool creates)
    {
        var room = new StateBuilder(options => options.AutoCreate = autoCreate);
        Decision decision = Admission.Join(room.State, TestData.Join("ann", mayCreate: mayCreate), room.Context);
        if (creates)
        {
            Assert.Equal([typeof(RoomCreated), typeof(ParticipantJoined)], decision.Events.Select(e => e.GetType()));
        }
        else
        {
            Assert.Equal(RoomErrorCode.NotFound, decision.Error!.Code);
        }
    }

    [Fact]
    public void Join_NodeHasNoRoomLeft_IsRefusedOnlyWhenItWouldCreate()
    {
        var room = new StateBuilder();
        var full = new RoomError(RoomErrorCode.Limit, "full");
        Assert.Equal(full, Admission.Join(room.State, TestData.Join("ann"), room.Context with { NoRoomLeft = full }).Error);
        room.Open();
        Assert.Null(Admission.Join(room.State, TestData.Join("ann"), room.Context with { NoRoomLeft = full }).Error);
    }

    [Fact]
    public void Join_SameSessionAgain_ChangesNothing()
    {
        StateBuilder room = new StateBuilder().Open();
        JoinRequest request = TestData.Join("ann");
        room.Do(Admission.Join(room.State, request, room.Context));
        Assert.Empty(Admission.Join(room.State, request, room.Context).Events);
    }

    [Fact]
    public void Join_SameIdentity_ReplacesTheOldOneWithItsTracks()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant old = room.Join("ann");
        Track track = room.Publish(old, TestData.Microphone);

        Decision decision = Admission.Join(room.State, TestData.Join("ann"), room.Context);

        Assert.Equal(new TrackUnpublished(track.Id, old.Id, UnpublishReason.ParticipantLeft), decision.Events[0]);
        var left = Assert.IsType<ParticipantLeft>(decision.Events[1]);
        Assert.Equal((old.Id, LeaveReason.DuplicateIdentity), (left.Participant, left.Reason));
        Assert.NotEqual(old.Id, Assert.IsType<ParticipantJoined>(decision.Events[2]).Participant.Id);
        Assert.Equal(3, decision.Events.Count);
    }

    [Theory]
    [InlineData("locked", RoomErrorCode.RoomLocked)]
    [InlineData("full", RoomErrorCode.RoomFull)]
    [InlineData("lobby full", RoomErrorCode.Limit)]
    public void Join_NewIdentity_IsRefused(string obstacle, RoomErrorCode code)
    {
        StateBuilder room = Obstructed(obstacle);
        Assert.Equal(code, Admission.Join(room.State, TestData.Join("eve"), room.Context).Error!.Code);
        Assert.Equal(code, Refusal(Admission.Join(room.State, TestData.Join("eve"), room.Context)).Code);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("full")]
    [InlineData("lobby full")]
    public void Join_IdentityThatIsIn_KeepsItsPlace(string obstacle)
    {
        StateBuilder room = Obstructed(obstacle);
        Decision decision = Admission.Join(room.State, TestData.Join("ann"), room.Context);
        Assert.IsType<ParticipantJoined>(decision.Events[^1]);
    }

    [Theory]
    [InlineData(false, false, ParticipantState.Waiting)]
    [InlineData(true, false, ParticipantState.Joined)] // hosts do not wait
    [InlineData(false, true, ParticipantState.Joined)] // the lobby would show the hidden
    public void Join_RoomWithLobby_WaitsByRights(bool admin, bool hidden, ParticipantState expected)
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true });
        Assert.Equal(expected, room.Join("ann", TestData.Rights with { Admin = admin, Hidden = hidden }).State);
    }

    [Fact]
    public void Join_WaitingIdentityAgain_WaitsAnewAndTheOldOneLeaves()
    {
        StateBuilder room = new StateBuilder(options => options.MaxWaiting = 1).Open(new RoomDraft { Lobby = true });
        Participant old = room.Join("ann");
        Participant again = room.Join("ann");
        Assert.Equal([again.Id], room.State.Waiting.Select(p => p.Id));
        Assert.NotEqual(old.Id, again.Id);
    }

    public static TheoryData<string, JoinRequest> BadRequests => new()
    {
        { "empty identity", TestData.Join("") },
        { "slash in identity", TestData.Join("a/b") },
        { "control character", TestData.Join("a\u0000b") },
        { "identity of 129", TestData.Join(new string('a', 129)) },
        { "name of 129", TestData.Join("ann") with { Name = new string('n', 129) } },
        { "name with escape", TestData.Join("ann") with { Name = "\u001b[31m" } },
        { "half a surrogate", TestData.Join("ann") with { Name = "\ud83d" } },
        { "metadata of 2049", TestData.Join("ann") with { Metadata = new string('m', 2049) } },
        { "no session", TestData.Join("ann") with { Session = default } },
        { "no node", TestData.Join("ann") with { Node = "" } },
        { "hash of 65", TestData.Join("ann") with { SecretHash = new string('h', 65) } },
        { "client of 65", TestData.Join("ann") with { Client = new ClientInfo(ClientProtocol.Whip, new string('c', 65)) } },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Join_InvalidValue_IsBadRequest(string what, JoinRequest request)
    {
        StateBuilder room = new StateBuilder().Open();
        RoomError error = Refusal(Admission.Join(room.State, request, room.Context));
        Assert.True(error.Code == RoomErrorCode.BadRequest, what);
    }

    [Fact]
    public void Resume_RightSecret_RotatesItAndMovesTheParticipant()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        room.Do(Admission.Resume(room.State, Request(ann, room) with { Node = "N_other" }));

        Participant resumed = room.State.Find(ann.Id)!;
        Assert.Equal(("new", "N_other", ann.JoinedAt), (resumed.SecretHash, resumed.Node, resumed.JoinedAt));
        Assert.Equal(EventAudience.Internal, room.Log[^1].Audience);
    }

    [Fact]
    public void Resume_AnswerLost_TakesTheShownSecretAgainUntilTheNextIsConfirmed()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        room.Do(Admission.Resume(room.State, Request(ann, room) with { NewSecretHash = "lost" }));
        room.Do(Admission.Resume(room.State, Request(ann, room)));
        Assert.Equal(RoomErrorCode.NotFound, Refusal(Admission.Resume(room.State, Request(ann, room) with { SecretHash = "lost" })).Code);
        Assert.Empty(Admission.Confirm(room.State, ann.Session, "lost").Events);
        Assert.Empty(Admission.Confirm(room.State, ServerIds.NewSession(), "new").Events);

        room.Do(Admission.Confirm(room.State, ann.Session, "new"));
        Assert.Equal(EventAudience.Internal, room.Log[^1].Audience);
        Assert.Equal(RoomErrorCode.NotFound, Refusal(Admission.Resume(room.State, Request(ann, room))).Code);
        Assert.Empty(Admission.Confirm(room.State, ann.Session, "new").Events);
        Assert.Null(Admission.Resume(room.State, Request(ann, room) with { SecretHash = "new" }).Error);
    }

    [Fact]
    public void Resume_EmptySecretWithoutPredecessor_IsRefused()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        Assert.Equal("", ann.PreviousSecretHash);
        Assert.Equal(RoomErrorCode.NotFound, Refusal(Admission.Resume(room.State, Request(ann, room) with { SecretHash = "" })).Code);
    }

    [Fact]
    public void Resume_WhileWaitingOrLocked_Works()
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true });
        Participant ann = room.Join("ann");
        room.Do(Moderation.Lock(room.State, RoomActor.Server, true));
        room.Do(Admission.Resume(room.State, Request(ann, room)));
        Assert.Equal(ParticipantState.Waiting, room.State.Find(ann.Id)!.State);
    }

    [Theory]
    [InlineData("wrong secret", RoomErrorCode.NotFound)]
    [InlineData("empty secret", RoomErrorCode.NotFound)]
    [InlineData("unknown session", RoomErrorCode.NotFound)]
    [InlineData("left", RoomErrorCode.NotFound)]
    [InlineData("closed", RoomErrorCode.NotFound)]
    [InlineData("no new secret", RoomErrorCode.BadRequest)]
    [InlineData("no node", RoomErrorCode.BadRequest)]
    [InlineData("future number", RoomErrorCode.BadRequest)]
    [InlineData("negative number", RoomErrorCode.BadRequest)]
    [InlineData("too far behind", RoomErrorCode.BadState)]
    public void Resume_NotPossible_IsRefused(string why, RoomErrorCode code)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        ResumeRequest request = Request(ann, room);
        request = why switch
        {
            "wrong secret" => request with { SecretHash = "hash-of-bob" },
            "empty secret" => request with { SecretHash = "" },
            "unknown session" => request with { Session = ServerIds.NewSession() },
            "no new secret" => request with { NewSecretHash = "" },
            "no node" => request with { Node = "" },
            "future number" => request with { AfterSeq = room.State.Seq + 1 },
            "negative number" => request with { AfterSeq = -1 },
            _ => request,
        };
        if (why == "left") room.Do(Admission.Leave(room.State, ann.Id, LeaveReason.ClientLeft, ""));
        if (why == "closed") room.Do(Lifecycle.Delete(room.State, RoomActor.Server));
        for (int i = 0; why == "too far behind" && i <= Admission.MaxMissedEvents; i++) room.Apply(new RoomLocked(i % 2 == 0, RoomActor.Server));
        Assert.Equal(code, Refusal(Admission.Resume(room.State, request)).Code);
    }

    [Fact]
    public void Resume_SessionWithoutSecret_IsRefusedForAnEmptyOne()
    {
        StateBuilder room = new StateBuilder().Open();
        JoinRequest whip = TestData.Join("ann") with { SecretHash = "" };
        room.Do(Admission.Join(room.State, whip, room.Context));
        Assert.Equal(RoomErrorCode.NotFound, Refusal(Admission.Resume(room.State, new ResumeRequest(whip.Session, "", "new", 1, TestData.Node))).Code);
    }

    [Fact]
    public void Resume_ExactlyTheMostMissedEvents_Works()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        ResumeRequest request = Request(ann, room);
        for (int i = 0; i < Admission.MaxMissedEvents; i++) room.Apply(new RoomLocked(i % 2 == 0, RoomActor.Server));
        Assert.Null(Admission.Resume(room.State, request).Error);
    }

    [Theory]
    [InlineData(LeaveReason.ClientLeft, true)]
    [InlineData(LeaveReason.Timeout, false)]
    public void Leave_WithTracks_EndsThemFirst(LeaveReason reason, bool bySelf)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        Track track = room.Publish(ann, TestData.Camera);
        Decision decision = Admission.Leave(room.State, ann.Id, reason, "bye");
        Assert.Equal(
            [
                new TrackUnpublished(track.Id, ann.Id, UnpublishReason.ParticipantLeft),
                new ParticipantLeft(ann.Id, "ann", reason, "bye", bySelf ? RoomActor.Of(ann.Id) : RoomActor.Server),
            ],
            decision.Events);
        room.Do(decision);
        Assert.Empty(Admission.Leave(room.State, ann.Id, reason, "").Events); // asking twice is harmless
    }

    [Fact]
    public void Leave_HostileDetail_LeavesWithoutIt()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        Decision decision = Admission.Leave(room.State, ann.Id, LeaveReason.ClientLeft, new string('x', 257));
        Assert.Equal("", Assert.IsType<ParticipantLeft>(decision.Events[0]).Detail);
    }

    [Fact]
    public void Abandon_JoinedSession_Leaves()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        room.Do(Admission.Abandon(room.State, ann.Session));
        Assert.Empty(room.State.Joined);
        Assert.Empty(Admission.Abandon(room.State, ann.Session).Events);
    }

    private static StateBuilder Obstructed(string obstacle)
    {
        var room = new StateBuilder(options => options.MaxWaiting = 1);
        room.Open(new RoomDraft { MaxParticipants = obstacle == "full" ? 1 : 10 });
        room.Join("ann");
        if (obstacle == "locked") room.Do(Moderation.Lock(room.State, RoomActor.Server, true));
        if (obstacle != "lobby full") return room;
        room.Do(Lifecycle.Update(room.State, new RoomDraft { Lobby = true }, RoomActor.Server, room.Context));
        room.Join("bob");
        return room;
    }

    private static ResumeRequest Request(Participant participant, StateBuilder room) =>
        new(participant.Session, participant.SecretHash, "new", room.State.Seq, TestData.Node);

    private static RoomError Refusal(Decision decision)
    {
        Assert.Empty(decision.Events);
        return Assert.IsType<RoomError>(decision.Error);
    }
}
