using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>A room and the owner of its recordings together: who gets in, what everybody is told, and how the call ends.</summary>
public sealed class RoomRecordingTests
{
    private readonly KeeperRig _room = new();
    private readonly RecordingRig _recording;

    public RoomRecordingTests()
    {
        _recording = new RecordingRig(_room.Store, _room.Time);
        _room.Recordings.Rig = _recording;
    }

    [Fact]
    public async Task Join_Required_IsRecordedBeforeAnybodyIsIn()
    {
        _room.Recording.Policy = "required";
        RoomKeeper room = await _room.ActivateAsync();

        JoinAccepted accepted = Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join("ann")));

        Assert.Equal(ParticipantRecordingState.On, accepted.Self.Recording);
        Assert.Equal((RoomRecordingState.Recording, RecordingPolicy.Required), (accepted.Room.Room.Recording!.State, accepted.Room.Room.Recording.Policy));
        Assert.Equal(["RoomCreated", "RecordingChanged", "ParticipantJoined"], _room.Told.Select(entry => entry.Event.GetType().Name));
        Assert.Equal(("ann", ParticipantRecordingState.On), Assert.Single(_room.Recorder.Participants.Select(one => (one.Identity, one.State))));
        Assert.Equal(3, _room.Recorder.RoomEvents.Count);
    }

    [Theory]
    [InlineData("required")]
    [InlineData("best_effort")]
    public async Task Join_RecorderDown_DependsOnThePolicy(string policy)
    {
        _room.Recording.Policy = policy;
        _recording.Recorder.Unavailable = RecordingCause.DiskFull;
        RoomKeeper room = await _room.ActivateAsync();

        JoinOutcome outcome = await room.JoinAsync(TestData.Join("ann"));

        if (policy == "required")
        {
            Assert.Equal(RoomErrorCode.RecordingUnavailable, Assert.IsType<JoinRefused>(outcome).Error.Code);
            Assert.False(room.Journal.State.IsOpen);
            return;
        }

        JoinAccepted accepted = Assert.IsType<JoinAccepted>(outcome);
        Assert.Equal((RoomRecordingState.Failed, RecordingCause.DiskFull), (accepted.Room.Room.Recording!.State, accepted.Room.Room.Recording.Cause));
        Assert.Equal(ParticipantRecordingState.Off, accepted.Self.Recording);
        _recording.Recorder.Unavailable = null;
        Assert.Equal(TimeSpan.FromSeconds(1), room.UntilTick());
        _room.Time.Advance(TimeSpan.FromSeconds(31));
        await room.TickAsync();
        Assert.Equal(TimeSpan.FromMinutes(1), room.UntilTick());
        Assert.Equal(RoomRecordingState.Recording, room.Journal.State.Recording!.State);
        Assert.Equal(ParticipantRecordingState.On, room.Journal.State.Joined[0].Recording);
    }

    [Fact]
    public async Task Suspended_Over15Seconds_ClosesTheRoomWithItsReason()
    {
        _room.Recording.Policy = "required";
        RoomKeeper room = await _room.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        Guid id = room.Journal.State.Recording!.Id;
        _recording.Recorder.Running[id] = new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.DiskFull);

        await PassAsync(room, 3);
        Assert.Equal(RoomRecordingState.Suspended, room.Journal.State.Recording!.State);
        Assert.IsType<JoinRefused>(await room.JoinAsync(TestData.Join("bo")));
        await PassAsync(room, 16);

        Assert.False(room.Journal.State.IsOpen);
        Assert.Equal(RoomCloseReason.RecordingUnavailable, Assert.IsType<RoomClosed>(_room.Told[^1].Event).Reason);
        Assert.Contains(_recording.Store.Impossible.Values, one => one.Kind == ImpossibilityKind.CallEnded && one.Identities.Contains("ann"));
    }

    [Fact]
    public async Task Join_ConsentInTheToken_IsRecordedAtOnceAndCanTakeItBack()
    {
        (_room.Recording.Policy, _room.Recording.Consent) = ("required", "first");
        RoomKeeper room = await _room.ActivateAsync();
        string text = new('a', 64);
        JoinAccepted ann = Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join("ann") with { ConsentText = text }));

        Assert.Equal((ParticipantRecordingState.On, true, text), (ann.Self.Recording, ann.Self.Consent, ann.Self.ConsentText));
        Assert.Null((await room.ConsentAsync(RoomActor.BackEnd("key"), ann.Self.Id, granted: false)).Error);
        Assert.Equal(ParticipantRecordingState.Refused, room.Journal.State.Joined.Single().Recording);
    }

    [Fact]
    public async Task Consent_WorkerDoesNotAnswer_IsDurableAndSaysSo()
    {
        (_room.Recording.Policy, _room.Recording.Consent) = ("required", "first");
        RoomKeeper room = await _room.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        _room.Recorder.IsUnsettled = true;

        Assert.Equal(RoomErrorCode.TryAgain, (await room.ConsentAsync(RoomActor.Of(ann.Id), ann.Id, granted: false)).Error!.Code);
        Assert.Equal(ParticipantRecordingState.Refused, room.Journal.State.Joined.Single().Recording);
        _room.Recorder.IsUnsettled = false;
        Assert.Null((await room.ConsentAsync(RoomActor.Of(ann.Id), ann.Id, granted: false)).Error);
    }

    [Fact]
    public async Task Consent_First_RecordsNobodyBeforeItAgrees()
    {
        (_room.Recording.Policy, _room.Recording.Consent) = ("required", "first");
        RoomKeeper room = await _room.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        Participant bo = await KeeperRig.JoinAsync(room, "bo");
        Assert.All(new[] { ann, bo }, one => Assert.Equal(ParticipantRecordingState.ConsentPending, one.Recording));

        Assert.Null((await room.ConsentAsync(RoomActor.Of(ann.Id), ann.Id, granted: true)).Error);
        Assert.Null((await room.ConsentAsync(RoomActor.BackEnd("key"), bo.Id, granted: false)).Error);

        Assert.Equal([ParticipantRecordingState.On, ParticipantRecordingState.Refused], room.Journal.State.Joined.Select(one => one.Recording));
        Assert.Equal(RoomErrorCode.Forbidden, (await room.ConsentAsync(RoomActor.Of(ann.Id), bo.Id, granted: true)).Error!.Code);
        Assert.Equal(
            [("ann", ParticipantRecordingState.ConsentPending), ("bo", ParticipantRecordingState.ConsentPending), ("ann", ParticipantRecordingState.On), ("bo", ParticipantRecordingState.Refused)],
            _room.Recorder.Participants.Select(one => (one.Identity, one.State)));
    }

    [Fact]
    public async Task Pause_OfOneAndOfAll_IsSeenInTheStates()
    {
        _room.Recording.Policy = "best_effort";
        RoomKeeper room = await _room.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        await KeeperRig.JoinAsync(room, "bo");

        await _recording.Keeper.PauseAsync(null, new PauseWish(ann.Id, PauseReason.Privacy), RoomActor.Server);
        await DeliverAsync(room);
        Assert.Equal([ParticipantRecordingState.Paused, ParticipantRecordingState.On], room.Journal.State.Joined.Select(one => one.Recording));
        await _recording.Keeper.PauseAsync(null, new PauseWish(null, PauseReason.Pci), RoomActor.Server);
        await DeliverAsync(room);

        Assert.Equal([ParticipantRecordingState.Paused, ParticipantRecordingState.Paused], room.Journal.State.Joined.Select(one => one.Recording));
        Assert.Equal((RoomRecordingState.Paused, PauseReason.Pci), (room.Journal.State.Recording!.State, room.Journal.State.Recording.Pause));
        Assert.Equal(ParticipantRecordingState.Paused, (await KeeperRig.JoinAsync(room, "cy")).Recording);
        await _recording.Keeper.ResumeAsync(null, null, RoomActor.Server);
        await DeliverAsync(room);
        Assert.Equal(
            [ParticipantRecordingState.Paused, ParticipantRecordingState.On, ParticipantRecordingState.On], room.Journal.State.Joined.Select(one => one.Recording));
    }

    [Fact]
    public async Task Pause_OfOneWhoComesAgain_IsSeenFromItsFirstMomentOn()
    {
        _room.Recording.Policy = "best_effort";
        RoomKeeper room = await _room.ActivateAsync();
        Participant ann = await KeeperRig.JoinAsync(room, "ann");
        await KeeperRig.JoinAsync(room, "bo");
        await _recording.Keeper.PauseAsync(null, new PauseWish(ann.Id, PauseReason.Pci), RoomActor.Server);
        await DeliverAsync(room);

        Participant again = await KeeperRig.JoinAsync(room, "ann");

        Assert.NotEqual(ann.Id, again.Id);
        Assert.Equal(ParticipantRecordingState.Paused, again.Recording);
        Assert.Equal(ParticipantRecordingState.Paused, _room.Recorder.Participants[^1].State);
        Assert.Equal(ParticipantRecordingState.On, (await KeeperRig.JoinAsync(room, "cy")).Recording);
        await _recording.Keeper.ResumeAsync(null, again.Id, RoomActor.Server);
        await DeliverAsync(room);
        Assert.All(room.Journal.State.Joined, one => Assert.Equal(ParticipantRecordingState.On, one.Recording));
    }

    [Fact]
    public async Task Start_ByHand_NeedsTheRightAndRecordsWhoIsThere()
    {
        RoomKeeper room = await _room.ActivateAsync();
        Participant host = await KeeperRig.JoinAsync(room, "host", TestData.Host);
        Participant recorder = await KeeperRig.JoinAsync(room, "rec", TestData.Host with { Record = true });
        Assert.Null(room.Journal.State.Recording);

        Assert.Equal(RoomErrorCode.Forbidden, (await room.StartRecordingAsync(RoomActor.Of(host.Id))).Error!.Code);
        RecordingAnswer begun = await room.StartRecordingAsync(RoomActor.Of(recorder.Id));
        RecordingAnswer again = await room.StartRecordingAsync(RoomActor.BackEnd("key"));

        Assert.True(begun.Created && !again.Created);
        Assert.Equal(begun.Recording!.Id, again.Recording!.Id);
        Assert.All(room.Journal.State.Joined, one => Assert.Equal(ParticipantRecordingState.On, one.Recording));
        await _recording.Keeper.StopAsync(null, RoomActor.Of(recorder.Id));
        await DeliverAsync(room);
        Assert.All(room.Journal.State.Joined, one => Assert.Equal(ParticipantRecordingState.Off, one.Recording));
        Assert.Equal(RoomRecordingState.Off, room.Journal.State.Recording!.State);
    }

    [Fact]
    public async Task Start_AgainWhileTheOldIsSealed_KeepsTheNewOne()
    {
        RoomKeeper room = await _room.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        RecordingAnswer first = await room.StartRecordingAsync(RoomActor.BackEnd("key"));
        _recording.Recorder.Fails = true;
        await _recording.Keeper.StopAsync(first.Recording!.Id, RoomActor.BackEnd("key"));
        _recording.Recorder.Fails = false;
        RecordingAnswer second = await room.StartRecordingAsync(RoomActor.BackEnd("key"));

        await PassAsync(room, 3);

        Assert.Equal(RecordingPhase.Sealed, _recording.Stored(first.Recording.Id).Phase);
        Assert.Equal((second.Recording!.Id, RoomRecordingState.Recording), (room.Journal.State.Recording!.Id, room.Journal.State.Recording.State));
    }

    [Fact]
    public async Task Policy_OfAParticipant_ExemptsItOrMakesTheCallRequired()
    {
        RoomKeeper room = await _room.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join("agent") with { Recording = RecordingPolicy.Required }));
        JoinAccepted exempt = Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join("judge") with { Recording = RecordingPolicy.Off }));

        Assert.Equal(RecordingPolicy.Required, room.Journal.State.Recording!.Policy);
        Assert.Equal(ParticipantRecordingState.Exempt, exempt.Self.Recording);
        Assert.Equal(RoomErrorCode.Forbidden, (await room.SetRecordingPolicyAsync(RoomActor.Of(exempt.Self.Id), exempt.Self.Id, RecordingPolicy.Off)).Error!.Code);
        Assert.Null((await room.SetRecordingPolicyAsync(RoomActor.BackEnd("key"), exempt.Self.Id, RecordingPolicy.BestEffort)).Error);
        Assert.All(room.Journal.State.Joined, one => Assert.Equal(ParticipantRecordingState.On, one.Recording));
    }

    [Fact]
    public async Task Update_PolicyRequiredWhileTheRecorderIsDown_IsRefused()
    {
        RoomKeeper room = await _room.ActivateAsync();
        await KeeperRig.JoinAsync(room, "ann");
        _recording.Recorder.Unavailable = RecordingCause.RecorderDown;

        RoomOutcome outcome = await room.UpdateAsync(new RoomDraft { Recording = RecordingPolicy.Required }, RoomActor.BackEnd("key"));

        Assert.Equal(RoomErrorCode.RecordingUnavailable, outcome.Error!.Code);
        Assert.Equal(RecordingPolicy.Off, room.Journal.State.Settings!.Recording);
    }

    private async Task DeliverAsync(RoomKeeper room)
    {
        foreach (RoomRecordingNews news in _recording.Told.ToArray()) await room.OnRecordingAsync(news);
    }

    private async Task PassAsync(RoomKeeper room, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            await _recording.TickAsync();
            await DeliverAsync(room);
            await room.TickAsync();
        }
    }
}
