using Sfu.Nodes.Sessions;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

public sealed class RoomPeopleTests
{
    private readonly RoomPeople _people = new();

    [Fact]
    public void Take_EventsOfASessionThatIsBehind_ChangeNothing()
    {
        _people.Take(Snapshot(10, "a"));
        _people.Take(Joined(11, "b"));
        _people.Take(Left(12, "b"));
        _people.Take(Joined(11, "b"));                     // the next session comes to it now

        Assert.False(IsKnown("b"));
        Assert.True(IsKnown("a"));
    }

    [Fact]
    public void Take_AnOlderSnapshot_IsLeftOut()
    {
        _people.Take(Snapshot(10, "a"));
        _people.Take(Joined(12, "c"));
        _people.Take(Snapshot(11, "a", "b"));

        Assert.True(IsKnown("c"));
        Assert.False(IsKnown("b"));
    }

    [Fact]
    public void Take_ANewerSnapshot_IsWhoIsThere()
    {
        _people.Take(Snapshot(10, "a", "b"));
        _people.Take(Snapshot(20, "b", "c"));              // nobody of this node followed in between
        _people.Take(Left(21, "c"));

        Assert.Equal((false, true, false), (IsKnown("a"), IsKnown("b"), IsKnown("c")));
        Assert.Equal(1, _people.Count);
    }

    [Fact]
    public void Take_SomebodyAdmitted_IsThere()
    {
        _people.Take(Snapshot(1));
        _people.Take(new LoggedEvent(2, DateTimeOffset.UnixEpoch, EventAudience.Everyone, new ParticipantAdmitted(Somebody("w"), RoomActor.Server)));

        Assert.True(IsKnown("w"));
    }

    private bool IsKnown(string identity) => _people.TryFind(new ParticipantId(identity), out Participant? found) && found.Identity == identity;

    private static RoomSnapshot Snapshot(long seq, params string[] identities) =>
        new FakeRoom().Snapshot() with { Participants = [.. identities.Select(Somebody)], Seq = seq };

    private static LoggedEvent Joined(long seq, string identity) =>
        new(seq, DateTimeOffset.UnixEpoch, EventAudience.Everyone, new ParticipantJoined(Somebody(identity)));

    private static LoggedEvent Left(long seq, string identity) => new(
        seq, DateTimeOffset.UnixEpoch, EventAudience.Everyone,
        new ParticipantLeft(new ParticipantId(identity), identity, LeaveReason.ClientLeft, "", RoomActor.Server));

    private static Participant Somebody(string identity) => new()
    {
        Id = new ParticipantId(identity),
        Identity = identity,
        State = ParticipantState.Joined,
        Rights = new ParticipantRights(true, true, true, false, false, false, []),
        JoinedAt = DateTimeOffset.UnixEpoch,
        Session = new SessionId(identity),
        Node = "node",
        Client = new ClientInfo(ClientProtocol.WebSocket),
    };
}
