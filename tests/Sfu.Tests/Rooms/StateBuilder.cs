using Sfu.Configuration;
using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>A room's state made by decisions alone: no store, no grain.</summary>
internal sealed class StateBuilder
{
    public StateBuilder(Action<RoomOptions>? configure = null)
    {
        configure?.Invoke(Options);
        State = new RoomState { Key = TestData.Key };
    }

    public RoomOptions Options { get; } = new();

    public DateTimeOffset Now { get; set; } = TestData.Start;

    public CountingIds Ids { get; } = new();

    public RoomState State { get; private set; }

    public List<LoggedEvent> Log { get; } = [];

    public DecisionContext Context => new(Options, Now, Ids);

    public StateBuilder Open(RoomDraft? draft = null)
    {
        Do(Lifecycle.Create(State, draft ?? new RoomDraft(), RoomActor.BackEnd("key"), Context));
        return this;
    }

    /// <summary>Somebody comes in or into the lobby, which must not be refused.</summary>
    public Participant Join(string identity, ParticipantRights? rights = null, string node = TestData.Node)
    {
        JoinRequest request = TestData.Join(identity, rights, node: node);
        Do(Admission.Join(State, request, Context));
        return State.Find(request.Session)!;
    }

    public Track Publish(Participant owner, TrackDraft draft)
    {
        Do(Publishing.Publish(State, owner.Id, [draft], Context, out PublishResult[] results));
        return results[0].Track!;
    }

    /// <summary>Makes a decision true; it must not be a refusal.</summary>
    public StateBuilder Do(Decision decision)
    {
        Assert.Null(decision.Error);
        foreach (RoomEvent roomEvent in decision.Events) Apply(roomEvent);
        return this;
    }

    public void Apply(RoomEvent roomEvent)
    {
        var entry = new LoggedEvent(State.Seq + 1, Now, Audiences.Of(State, roomEvent), roomEvent);
        State = State.Apply(entry);
        Log.Add(entry);
    }
}
