using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>One recording's life: begin, pause, fault, crash, end, and what is written down about it.</summary>
public sealed class RecordingKeeperTests
{
    private readonly RecordingRig _rig = new();

    [Fact]
    public async Task Ensure_NothingRecorded_IsDurableBeforeTheRecorderIsOrdered()
    {
        var phases = new List<RecordingPhase>();
        _rig.Recorder.OnCommand = (_, id) => phases.Add(_rig.Stored(id).Phase);

        RecordingAnswer answer = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());

        Assert.True(answer.Created);
        Assert.Equal(RecordingPhase.Active, answer.Recording!.Phase);
        Assert.Equal([RecordingPhase.Arming], phases);
        Assert.Equal(RecordingPhase.Active, _rig.Stored(answer.Recording.Id).Phase);
        Assert.Equal(RoomRecordingState.Recording, _rig.LastTold!.Recording.State);
    }

    [Fact]
    public async Task Ensure_Twice_IsOneRecording()
    {
        RecordingState first = await _rig.StartAsync();

        RecordingAnswer second = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());

        Assert.False(second.Created);
        Assert.Equal(first.Id, second.Recording!.Id);
        Assert.Single(_rig.Recorder.Orders);
    }

    [Fact]
    public async Task Ensure_StricterPolicy_HoldsFromThere()
    {
        RecordingState first = await _rig.StartAsync(RecordingPolicy.BestEffort);

        await _rig.StartAsync(RecordingPolicy.Required);

        Assert.Equal(RecordingPolicy.Required, _rig.Stored(first.Id).Policy);
    }

    [Fact]
    public async Task Ensure_RecorderKnownToBeDown_IsRefusedWithoutAskingIt()
    {
        _rig.Recorder.Unavailable = RecordingCause.DiskFull;

        RecordingAnswer answer = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());

        Assert.Equal(RoomErrorCode.RecordingUnavailable, answer.Error!.Code);
        Assert.Equal(RecordingCause.DiskFull, answer.Cause);
        Assert.Empty(_rig.Recorder.Orders);
        Impossibility record = Assert.Single(_rig.Store.Impossible.Values);
        Assert.Equal((ImpossibilityKind.JoinRefused, RecordingCause.DiskFull, 1), (record.Kind, record.Cause, record.Count));
        Assert.Equal(["ann"], record.Identities);
    }

    [Fact]
    public async Task Ensure_RefusedAgainAndAgain_IsOneRecordThatCounts()
    {
        _rig.Recorder.Unavailable = RecordingCause.DiskFull;
        foreach (string identity in new[] { "ann", "bo", "bo" })
        {
            await _rig.Keeper.EnsureAsync(RecordingRig.Demand(entering: identity));
            _rig.Time.Advance(TimeSpan.FromSeconds(20));
        }

        Impossibility record = Assert.Single(_rig.Store.Impossible.Values);
        Assert.Equal(3, record.Count);
        Assert.Equal(["ann", "bo"], record.Identities);
        Assert.Equal(TimeSpan.FromSeconds(40), record.To - record.From);
    }

    [Fact]
    public async Task Ensure_RecorderRefuses_EndsAsRefusedAndMayBeTriedAgain()
    {
        _rig.Recorder.Refuses = RecordingCause.Keys;
        RecordingAnswer refused = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());
        Assert.Equal(RoomErrorCode.RecordingUnavailable, refused.Error!.Code);
        Assert.Equal(RecordingPhase.Refused, Assert.Single(_rig.Store.States.Values).Phase);

        _rig.Recorder.Refuses = null;
        RecordingState begun = await _rig.StartAsync();

        Assert.Equal(RecordingPhase.Active, begun.Phase);
        Assert.Equal(2, _rig.Store.States.Count);
    }

    [Fact]
    public async Task Ensure_RecorderDoesNotAnswer_IsRefusedInTimeAndUndone()
    {
        _rig.Recorder.Hangs = true;
        Task<RecordingAnswer> asked = _rig.Keeper.EnsureAsync(RecordingRig.Demand());
        _rig.Time.Advance(TimeSpan.FromSeconds(2.5));

        RecordingAnswer answer = await asked.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RecordingCause.Timeout, answer.Cause);
        Assert.Equal(RecordingEndReason.Abandoned, Assert.Single(_rig.Recorder.Stopped).Reason);
    }

    [Fact]
    public async Task Pause_Room_IsAnsweredOnlyWhenTheRecorderMasks()
    {
        RecordingState recording = await _rig.StartAsync();
        _rig.Recorder.Fails = true;
        RecordingAnswer unconfirmed = await _rig.Keeper.PauseAsync(recording.Id, new PauseWish(null, PauseReason.Pci), RoomActor.BackEnd("key"));
        Assert.Equal(RoomErrorCode.TryAgain, unconfirmed.Error!.Code);

        _rig.Recorder.Fails = false;
        RecordingAnswer confirmed = await _rig.Keeper.PauseAsync(recording.Id, new PauseWish(null, PauseReason.Pci), RoomActor.BackEnd("key"));

        Assert.True(confirmed.Recording!.IsPaused);
        Assert.Contains("", _rig.Recorder.Masks[recording.Id]);
        Assert.Equal((RoomRecordingState.Paused, PauseReason.Pci), (_rig.LastTold!.Recording.State, _rig.LastTold.Recording.Pause));
    }

    [Fact]
    public async Task Pause_WithTime_EndsByItself()
    {
        RecordingState recording = await _rig.StartAsync();
        await _rig.Keeper.PauseAsync(null, new PauseWish(new("PA_1"), PauseReason.Privacy, "x", TimeSpan.FromSeconds(3)), RoomActor.Server);
        Assert.Contains("PA_1", _rig.Recorder.Masks[recording.Id]);

        await _rig.TickAsync(2);
        Assert.Contains("PA_1", _rig.Recorder.Masks[recording.Id]);
        await _rig.TickAsync(2);

        Assert.Empty(_rig.Recorder.Masks[recording.Id]);
        Assert.Empty(_rig.Stored(recording.Id).Pauses);
    }

    [Fact]
    public async Task Resume_OnePause_KeepsTheOthers()
    {
        RecordingState recording = await _rig.StartAsync();
        await _rig.Keeper.PauseAsync(null, new PauseWish(null, PauseReason.Pci), RoomActor.Server);
        await _rig.Keeper.PauseAsync(null, new PauseWish(new("PA_1"), PauseReason.Privacy), RoomActor.Server);

        await _rig.Keeper.ResumeAsync(null, null, RoomActor.Server);

        Assert.Equal(["PA_1"], _rig.Recorder.Masks[recording.Id]);
        Assert.Equal([new ParticipantId("PA_1")], _rig.LastTold!.Recording.PausedParticipants);
    }

    [Fact]
    public async Task Pause_OfSomebodyUnknown_IsRefusedAndMasksNothing()
    {
        RecordingState recording = await _rig.StartAsync();
        var nobody = new ParticipantId("PA_nobody");

        Assert.Equal(RoomErrorCode.NotFound, (await _rig.Keeper.PauseAsync(null, new PauseWish(nobody, PauseReason.Pci), RoomActor.Server)).Error!.Code);
        Assert.Equal(RoomErrorCode.NotFound, (await _rig.Keeper.ResumeAsync(null, nobody, RoomActor.Server)).Error!.Code);

        Assert.Empty(_rig.Stored(recording.Id).Pauses);
        Assert.Empty(_rig.Recorder.Masks[recording.Id]);
    }

    [Fact]
    public async Task Pause_ParticipantThatTheRoomKnowsFirst_IsOfTheIdentityItNames()
    {
        RecordingState recording = await _rig.StartAsync();

        await _rig.Keeper.PauseAsync(null, new PauseWish(new("PA_new"), PauseReason.Pci, Identity: "bo"), RoomActor.Server);

        Assert.Equal("bo", Assert.Single(_rig.Stored(recording.Id).Pauses).Identity);
        Assert.Equal("bo", Assert.Single(_rig.Recorder.Pauses).Identity);
        Assert.Equal(["bo"], _rig.LastTold!.Recording.PausedIdentities);
    }

    [Fact]
    public async Task Pause_OfOneWhoComesAgain_StandsUntilEitherIdIsResumed()
    {
        var room = new KeeperRig();
        var rig = new RecordingRig(room.Store, room.Time);
        RoomKeeper keeper = await room.ActivateAsync();
        RecordingState recording = (await rig.Keeper.EnsureAsync(RecordingRig.Demand(isOpen: false) with { Participants = [] })).Recording!;
        Participant[] ids = [await KeeperRig.JoinAsync(keeper, "ann"), await KeeperRig.JoinAsync(keeper, "bo")];
        foreach (bool byTheNewId in new[] { true, false })
        {
            Participant before = ids[0];
            Assert.Null((await rig.Keeper.PauseAsync(null, new PauseWish(before.Id, PauseReason.Pci), RoomActor.Server)).Error);
            Participant after = ids[0] = await KeeperRig.JoinAsync(keeper, "ann");
            Assert.NotEqual(before.Id, after.Id);
            await rig.TickAsync();
            Assert.Equal([before.Id.Value], rig.Recorder.Masks[recording.Id]);
            Assert.Null((await rig.Keeper.ResumeAsync(null, ids[1].Id, RoomActor.Server)).Error);      // bo is not paused: nothing ends
            Assert.Single(rig.Stored(recording.Id).Pauses);

            Assert.Null((await rig.Keeper.ResumeAsync(null, byTheNewId ? after.Id : before.Id, RoomActor.Server)).Error);

            Assert.Empty(rig.Recorder.Masks[recording.Id]);
            Assert.Empty(rig.Stored(recording.Id).Pauses);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_AfterACrash_StillMasksTheIdentity(bool isOfAnOlderVersion)
    {
        RecordingState recording = await _rig.StartAsync();
        await _rig.Keeper.PauseAsync(null, new PauseWish(new("PA_1"), PauseReason.Pci), RoomActor.Server);
        RecordingState stored = _rig.Stored(recording.Id);
        if (isOfAnOlderVersion) _rig.Store.States[recording.Id] = stored with { Pauses = [stored.Pauses[0] with { Identity = null }] };
        Assert.NotEqual(isOfAnOlderVersion, Sfu.Recordings.Storage.RecordingJson.Write(_rig.Stored(recording.Id)).Contains("\"identity\"", StringComparison.Ordinal));

        await _rig.RestartAsync(crash: true);
        await _rig.TickAsync();

        PauseOrder order = Assert.Single(_rig.Recorder.Orders[^1].Pauses);
        Assert.Equal((new ParticipantId("PA_1"), "ann"), (order.Participant!.Value, order.Identity));
        Assert.Equal(["ann"], _rig.LastTold!.Recording.PausedIdentities);
        await _rig.Keeper.ResumeAsync(null, new ParticipantId("PA_1"), RoomActor.Server);
        Assert.Empty(_rig.Recorder.Masks[recording.Id]);
    }

    [Fact]
    public async Task Stop_Required_IsRefused()
    {
        RecordingState recording = await _rig.StartAsync();

        RecordingAnswer answer = await _rig.Keeper.StopAsync(recording.Id, RoomActor.BackEnd("key"));

        Assert.Equal(RoomErrorCode.BadState, answer.Error!.Code);
        Assert.True(_rig.Recorder.Running.ContainsKey(recording.Id));
    }

    [Fact]
    public async Task Stop_BestEffort_IsSealedWithItsFacts()
    {
        RecordingState recording = await _rig.StartAsync(RecordingPolicy.BestEffort);

        RecordingAnswer answer = await _rig.Keeper.StopAsync(recording.Id, RoomActor.BackEnd("key"));
        await _rig.TickAsync(2);

        Assert.Null(answer.Error);
        RecordingState end = _rig.Stored(recording.Id);
        Assert.Equal((RecordingPhase.Sealed, RecordingEndReason.Stopped), (end.Phase, end.EndReason));
        Assert.Equal(("ab", 99.5), (end.Facts!.ManifestHash, end.Facts.Score!.Value));
        Assert.Equal(RoomRecordingState.Off, _rig.LastTold!.Recording.State);
        Assert.False(_rig.Keeper.IsBusy);
    }

    [Fact]
    public async Task Health_SuspendedFor15Seconds_EndsTheCallAndLeavesARecord()
    {
        RecordingState recording = await _rig.StartAsync();
        _rig.Recorder.Running[recording.Id] = new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.DiskFull);

        await _rig.TickAsync(15);
        Assert.Equal(RecordingPhase.Suspended, _rig.Stored(recording.Id).Phase);
        Assert.False(_rig.LastTold!.EndsRoom);
        await _rig.TickAsync(3);

        Assert.True(_rig.LastTold!.EndsRoom);
        RecordingState end = _rig.Stored(recording.Id);
        Assert.Equal((RecordingPhase.Sealed, RecordingEndReason.RecordingUnavailable), (end.Phase, end.EndReason));
        Impossibility record = Assert.Single(_rig.Store.Impossible.Values);
        Assert.Equal((ImpossibilityKind.CallEnded, RecordingCause.DiskFull, recording.Id), (record.Kind, record.Cause, record.Recording));
        Assert.Equal(["ann"], record.Identities);
        Assert.InRange((record.To - record.From).TotalSeconds, 15, 17);
    }

    [Fact]
    public async Task Health_SuspendedBetweenTwoTicks_IsCountedFromThenOn()
    {
        RecordingState recording = await _rig.StartAsync();
        var suspended = new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.WriteError);
        _rig.Recorder.Running[recording.Id] = suspended;
        await _rig.Keeper.OnHealthAsync(recording.Id, suspended);

        await _rig.TickAsync(14);
        Assert.False(_rig.LastTold!.EndsRoom);
        await _rig.TickAsync();

        Assert.True(_rig.LastTold!.EndsRoom);
    }

    [Fact]
    public async Task Health_ActiveAgain_GoesOnAndLeavesARecord()
    {
        RecordingState recording = await _rig.StartAsync();
        await _rig.Keeper.OnHealthAsync(recording.Id, new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.RecorderStuck));
        Assert.Equal(RoomRecordingState.Suspended, _rig.LastTold!.Recording.State);
        Assert.Equal(RecordingCause.RecorderStuck, _rig.LastTold.Recording.Cause);

        await _rig.TickAsync(5);

        Assert.Equal(RecordingPhase.Active, _rig.Stored(recording.Id).Phase);
        Assert.Equal(ImpossibilityKind.Held, Assert.Single(_rig.Store.Impossible.Values).Kind);
        await _rig.TickAsync(20);
        Assert.Equal(RecordingPhase.Active, _rig.Stored(recording.Id).Phase);
    }

    [Fact]
    public async Task Health_FailedUnderBestEffort_EndsTheRecordingAndNotTheCall()
    {
        RecordingState recording = await _rig.StartAsync(RecordingPolicy.BestEffort);

        await _rig.Keeper.OnHealthAsync(recording.Id, new NodeRecordingHealth(NodeRecordingState.Failed, RecordingCause.WriteError));
        await _rig.TickAsync(2);

        Assert.Equal(RecordingEndReason.Failed, _rig.Stored(recording.Id).EndReason);
        Assert.Equal(RoomRecordingState.Failed, _rig.LastTold!.Recording.State);
        Assert.False(_rig.LastTold.EndsRoom);
    }

    [Fact]
    public async Task Health_DegradedThenActive_IsNoGap()
    {
        RecordingState recording = await _rig.StartAsync();

        await _rig.Keeper.OnHealthAsync(recording.Id, new NodeRecordingHealth(NodeRecordingState.Degraded, RecordingCause.Lag));
        Assert.Equal(RecordingPhase.Degraded, _rig.Stored(recording.Id).Phase);
        await _rig.Keeper.OnHealthAsync(recording.Id, new NodeRecordingHealth(NodeRecordingState.Active));

        Assert.Equal(RecordingPhase.Active, _rig.Stored(recording.Id).Phase);
        Assert.Empty(_rig.Store.Impossible);
    }

    [Fact]
    public async Task Open_AfterACrash_GoesOnAsTheSameRecordingWithItsPauses()
    {
        RecordingState recording = await _rig.StartAsync();
        await _rig.Keeper.PauseAsync(null, new PauseWish(null, PauseReason.Pci), RoomActor.Server);

        await _rig.RestartAsync(crash: true);
        Assert.Equal(RecordingPhase.Recovering, _rig.Stored(recording.Id).Phase);
        await _rig.TickAsync();

        RecordingState after = _rig.Stored(recording.Id);
        Assert.Equal((RecordingPhase.Active, true), (after.Phase, after.IsPaused));
        Assert.True(_rig.Recorder.Orders[^1].Continues);
        Assert.Contains("", _rig.Recorder.Masks[recording.Id]);
        Assert.Equal(ImpossibilityKind.Interrupted, Assert.Single(_rig.Store.Impossible.Values).Kind);
    }

    [Fact]
    public async Task Open_InTheSameProcess_IsNoInterruption()
    {
        RecordingState recording = await _rig.StartAsync();

        await _rig.RestartAsync(crash: false);
        await _rig.TickAsync();

        Assert.Equal(RecordingPhase.Active, _rig.Stored(recording.Id).Phase);
        Assert.Empty(_rig.Store.Impossible);
        Assert.Single(_rig.Recorder.Orders);
    }

    [Fact]
    public async Task Open_CrashedBetweenOrderAndStart_BeginsAfterwards()
    {
        _rig.Recorder.OnCommand = (_, _) => _rig.Store.NextWriteFails = "before";
        RecordingAnswer lost = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());
        Assert.Equal(RoomErrorCode.TryAgain, lost.Error!.Code);
        _rig.Recorder.OnCommand = (_, _) => { };

        await _rig.RestartAsync(crash: true);
        await _rig.TickAsync();

        Assert.Equal(RecordingPhase.Active, Assert.Single(_rig.Store.States.Values).Phase);
    }

    [Fact]
    public async Task Open_Twice_TheOlderGivesUp()
    {
        await _rig.StartAsync();
        RecordingKeeper older = _rig.Keeper;
        await _rig.RestartAsync(crash: false);

        RecordingAnswer answer = await older.PauseAsync(null, new PauseWish(null, PauseReason.Pci), RoomActor.Server);

        Assert.Equal(RoomErrorCode.TryAgain, answer.Error!.Code);
        Assert.True(older.Journal.IsSuperseded);
    }

    [Fact]
    public async Task Tick_RoomClosed_EndsAndKnowsWhoWasThere()
    {
        var room = new KeeperRig();
        var rig = new RecordingRig(room.Store, room.Time);
        RoomKeeper keeper = await room.ActivateAsync();
        RecordingAnswer answer = await rig.Keeper.EnsureAsync(RecordingRig.Demand(isOpen: false) with { Participants = [] });
        await KeeperRig.JoinAsync(keeper, "ann");
        await KeeperRig.JoinAsync(keeper, "bo");
        await rig.TickAsync();
        Assert.Equal(RecordingPhase.Active, rig.Stored(answer.Recording!.Id).Phase);

        await keeper.DeleteAsync(RoomActor.BackEnd("key"));
        await rig.TickAsync(2);

        RecordingState end = rig.Stored(answer.Recording.Id);
        Assert.Equal((RecordingPhase.Sealed, RecordingEndReason.RoomClosed), (end.Phase, end.EndReason));
        IReadOnlyList<Sfu.Recordings.Storage.RecordingParticipant> people = await rig.Store.ParticipantsAsync(end.Id);
        Assert.Equal(["ann", "bo"], people.Select(one => one.Identity));
        Assert.All(people, one => Assert.NotNull(one.LeftAt));
        string[] kinds = [.. (await rig.Store.TimelineAsync(end.Id, 0, 100)).Select(entry => entry.Text.Split('"')[3])];
        Assert.Contains("participant_joined", kinds);
        Assert.Contains("room_closed", kinds);
        Assert.Equal("recording_sealed", kinds[^1]);
    }

    [Fact]
    public async Task Tick_RoomThatNeverOpened_AbandonsTheRecording()
    {
        RecordingAnswer answer = await _rig.Keeper.EnsureAsync(RecordingRig.Demand(isOpen: false));

        await _rig.TickAsync(13);

        Assert.Equal(RecordingEndReason.Abandoned, _rig.Stored(answer.Recording!.Id).EndReason);
    }

    [Fact]
    public async Task Ensure_RoomOpenedAgain_EndsTheOldAndBeginsANewOne()
    {
        RecordingState old = await _rig.StartAsync();

        RecordingAnswer answer = await _rig.Keeper.EnsureAsync(RecordingRig.Demand(roomId: "RM_2"));

        Assert.NotEqual(old.Id, answer.Recording!.Id);
        Assert.True(answer.Recording.Version > _rig.Stored(old.Id).Version);
        await _rig.TickAsync(2);
        Assert.Equal(RecordingPhase.Sealed, _rig.Stored(old.Id).Phase);
        Assert.Equal(RecordingPhase.Active, _rig.Stored(answer.Recording.Id).Phase);
    }

    [Fact]
    public async Task Tell_RoomIsAway_IsToldLater()
    {
        _rig.RoomIsAway = true;
        await _rig.StartAsync();
        Assert.Empty(_rig.Told);
        _rig.RoomIsAway = false;

        await _rig.TickAsync();

        Assert.Equal(RoomRecordingState.Recording, _rig.LastTold!.Recording.State);
    }

    [Fact]
    public async Task Ensure_WriteOfUnknownOutcome_IsLookedUp()
    {
        _rig.Store.NextWriteFails = "after";
        RecordingAnswer lost = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());
        Assert.Equal(RoomErrorCode.TryAgain, lost.Error!.Code);

        RecordingAnswer answer = await _rig.Keeper.EnsureAsync(RecordingRig.Demand());

        Assert.Equal(RecordingPhase.Active, answer.Recording!.Phase);
        Assert.Single(_rig.Store.States);
    }
}
