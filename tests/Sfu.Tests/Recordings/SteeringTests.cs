using Sfu.Recordings;
using Sfu.Recordings.Decisions;
using Sfu.Rooms;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>Whom a pause is of: an identity, by whatever id it has, or the room.</summary>
public sealed class SteeringTests
{
    private static readonly ParticipantId First = new("PA_1"), Second = new("PA_2"), Other = new("PA_9");
    private static readonly RecordingState Active = new()
    {
        Id = Guid.CreateVersion7(),
        Room = TestData.Key,
        RoomId = "RM_1",
        By = RoomActor.Server,
        Phase = RecordingPhase.Active,
    };

    [Fact]
    public void Pause_SameIdentityByAnotherId_KeepsItsKeyAndBeginning()
    {
        RecordingState paused = After(Active, Steering.Pause(Active, Span(First, "ann"), RoomActor.Server));
        PauseSpan again = Span(Second, "ann") with { From = TestData.Start.AddSeconds(9), Reason = PauseReason.Legal };

        RecordingState after = After(paused, Steering.Pause(paused, again, RoomActor.Server));

        PauseSpan pause = Assert.Single(after.Pauses);
        Assert.Equal((First, "ann", TestData.Start, PauseReason.Legal), (pause.Participant!.Value, pause.Identity, pause.From, pause.Reason));
        Assert.Empty(Steering.Pause(after, again, RoomActor.Server).Events);
    }

    [Fact]
    public void Pause_OfRoomAndIdentities_StandApart()
    {
        RecordingState state = Active;
        foreach (PauseSpan span in new[] { Span(null, null), Span(First, "ann"), Span(Other, "bo") }) state = After(state, Steering.Pause(state, span, RoomActor.Server));

        Assert.Equal(["ann", "bo"], state.ToRoom().PausedIdentities);
        Assert.Equal([First, Other], state.ToRoom().PausedParticipants);
        Assert.Equal(RoomRecordingState.Paused, state.ToRoom().State);
        state = After(state, Steering.Resume(state, null, null, RoomActor.Server));
        state = After(state, Steering.Resume(state, Second, "ann", RoomActor.Server));
        Assert.Equal([Other], state.Pauses.Select(pause => pause.Participant!.Value));
    }

    [Theory]
    [InlineData("PA_1", "ann", 1)]     // the id that it was paused by
    [InlineData("PA_1", null, 1)]      // even where nobody knows any more who had it
    [InlineData("PA_2", "ann", 1)]     // the id that the identity has now
    [InlineData("PA_9", "bo", 0)]      // somebody who is not paused
    public void Resume_ByAnyIdOfTheIdentity_EndsItsPause(string id, string? identity, int ended)
    {
        RecordingState state = Active with { Pauses = [Span(First, "ann")] };

        RecordingDecision decision = Steering.Resume(state, new ParticipantId(id), identity, RoomActor.Server);

        Assert.Null(decision.Error);
        Assert.Equal(1 - ended, After(state, decision).Pauses.Count);
        Assert.All(decision.Events, one => Assert.Equal(new RecordingResumed(First, RoomActor.Server, "ann"), one));
    }

    [Fact]
    public void Resume_IdThatNeverWasInTheRecording_IsRefused() =>
        Assert.Equal(RoomErrorCode.NotFound, Steering.Resume(Active with { Pauses = [Span(First, "ann")] }, Other, null, RoomActor.Server).Error!.Code);

    [Fact]
    public void Pause_MoreThanThereMayBe_IsRefusedAndThoseThereAreMayChange()
    {
        RecordingState full = Active with { Pauses = [.. Enumerable.Range(0, Steering.MaxPauses).Select(i => Span(new ParticipantId($"PA_{i}"), $"p{i}"))] };

        Assert.Equal(RoomErrorCode.Limit, Steering.Pause(full, Span(new("PA_new"), "new"), RoomActor.Server).Error!.Code);
        Assert.Single(Steering.Pause(full, Span(null, null), RoomActor.Server).Events);
        Assert.Single(Steering.Pause(full, Span(new("PA_new"), "p7") with { Reason = PauseReason.Other }, RoomActor.Server).Events);
    }

    private static PauseSpan Span(ParticipantId? participant, string? identity) => new(participant, PauseReason.Pci, "", TestData.Start, null) { Identity = identity };

    private static RecordingState After(RecordingState state, RecordingDecision decision)
    {
        foreach (RecordingEvent one in decision.Events) state = state.Apply(new RecordingEntry(state.Version + 1, TestData.Start, one));
        return state;
    }
}
