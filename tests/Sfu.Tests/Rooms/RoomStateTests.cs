using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>The fold refuses what cannot follow, and stored text gives the same state.</summary>
public sealed class RoomStateTests
{
    public static TheoryData<string> Impossible => new(
        "join after close", "second create", "join twice", "same identity", "leave twice", "leave with tracks", "publish while waiting",
        "publish after leave", "same track id", "mute unknown track", "unpublish twice", "close with participants", "resume after leave",
        "gap in numbers", "number again");

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Apply_EventThatCannotFollow_Throws(string what)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        Track track = room.Publish(ann, TestData.Microphone);
        var gone = new TrackUnpublished(track.Id, ann.Id, UnpublishReason.ParticipantLeft);
        var left = new ParticipantLeft(ann.Id, "ann", LeaveReason.ClientLeft, "", RoomActor.Server);
        Action act = what switch
        {
            "join after close" => After([gone, left, new RoomClosed(RoomCloseReason.Deleted, RoomActor.Server)], new ParticipantJoined(ann)),
            "second create" => After([], new RoomCreated("RM_2", room.State.Settings!, RoomActor.Server)),
            "join twice" => After([], new ParticipantJoined(ann)),
            "same identity" => After([], new ParticipantJoined(ann with { Id = new("PA_other") })),
            "leave twice" => After([gone, left], left),
            "leave with tracks" => After([], left),
            "publish while waiting" => After(
                [new ParticipantWaiting(ann with { Id = new("PA_w"), Identity = "w", State = ParticipantState.Waiting })],
                new TrackPublished(track with { Id = new("TR_w"), Participant = new("PA_w") })),
            "publish after leave" => After([gone, left], new TrackPublished(track)),
            "same track id" => After([], new TrackPublished(track)),
            "mute unknown track" => After([gone], new TrackMuted(track.Id, ann.Id, true, MuteReason.Self, RoomActor.Server)),
            "unpublish twice" => After([gone], gone),
            "close with participants" => After([], new RoomClosed(RoomCloseReason.Deleted, RoomActor.Server)),
            "resume after leave" => After([gone, left], new SessionResumed(ann.Id, "h", "N")),
            "gap in numbers" => () => room.State.Apply(new LoggedEvent(room.State.Seq + 2, room.Now, EventAudience.Everyone, gone)),
            _ => () => room.State.Apply(new LoggedEvent(room.State.Seq, room.Now, EventAudience.Everyone, gone)),
        };
        Assert.Throws<InvalidOperationException>(act);

        Action After(RoomEvent[] before, RoomEvent last)
        {
            foreach (RoomEvent roomEvent in before) room.Apply(roomEvent);
            return () => room.Apply(last);
        }
    }

    [Fact]
    public void Write_StateWithEverything_ReadsBackTheSame()
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true, Metadata = "{\"case\":\"☎ 7\"}", DepartureTimeout = TimeSpan.Zero });
        Participant host = room.Join("host", TestData.Host with { Sources = [TrackSource.Microphone, TrackSource.Camera] });
        room.Publish(host, TestData.Camera with { Simulcast = true, Codec = "VP8", Muted = true });
        room.Join("waiter");
        string text = RoomJson.Write(room.State);
        Assert.Equal(text, RoomJson.Write(RoomJson.ReadState(text)));
        Assert.Equal(room.State.Settings, RoomJson.ReadState(text).Settings);
    }

    [Fact]
    public void Write_EveryEvent_ReadsBackTheSameUnderItsName()
    {
        var names = new HashSet<string>();
        foreach (RoomEvent roomEvent in EventSamples.All)
        {
            string text = RoomJson.Write(roomEvent);
            Assert.Equal(text, RoomJson.Write(RoomJson.ReadEvent(text)));
            Assert.Equal(roomEvent.GetType(), RoomJson.ReadEvent(text).GetType());
            Assert.StartsWith("{\"kind\":\"", text, StringComparison.Ordinal);
            names.Add(text.Split('"')[3]);
        }

        Assert.Equal(EventSamples.All.Select(e => e.GetType()).Distinct().Count(), names.Count);
        Assert.Equal(typeof(RoomEvent).Assembly.GetTypes().Count(type => type.BaseType == typeof(RoomEvent)), names.Count);
    }

    [Fact]
    public void Read_TextOfAnotherVersion_IsAStoreFailure()
    {
        Assert.Throws<RoomStoreException>(() => RoomJson.ReadEvent("{\"kind\":\"from_the_future\"}"));
        Assert.Throws<RoomStoreException>(() => RoomJson.ReadEvent("{\"kind\":\"room_locked\",\"locked\":"));
        Assert.Throws<RoomStoreException>(() => RoomJson.ReadState("null"));
    }
}
