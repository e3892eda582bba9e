using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>Who may see which event.</summary>
public sealed class AudiencesTests
{
    public static TheoryData<string, EventAudience> Cases => new()
    {
        { "created", EventAudience.BackEnd },
        { "updated", EventAudience.BackEnd },
        { "locked", EventAudience.Everyone },
        { "closed", EventAudience.Everyone },
        { "room metadata", EventAudience.Everyone },
        { "joined", EventAudience.Everyone },
        { "joined hidden", EventAudience.BackEnd },
        { "waiting", EventAudience.Admins },
        { "waiting left", EventAudience.Admins },
        { "waiting metadata", EventAudience.Admins },
        { "admitted", EventAudience.Everyone },
        { "left", EventAudience.Everyone },
        { "left hidden", EventAudience.BackEnd },
        { "published", EventAudience.Everyone },
        { "published hidden", EventAudience.BackEnd },
        { "updated hidden", EventAudience.BackEnd },
        { "muted", EventAudience.Everyone },
        { "muted hidden", EventAudience.BackEnd },
        { "unpublished hidden", EventAudience.BackEnd },
        { "metadata hidden", EventAudience.BackEnd },
        { "resumed", EventAudience.Internal },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_Event_IsWhoMaySeeIt(string what, EventAudience expected)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann"), spy = room.Join("spy", TestData.Rights with { Hidden = true });
        Track open = room.Publish(ann, TestData.Camera), secret = room.Publish(spy, TestData.Camera);
        room.Do(Lifecycle.Update(room.State, new RoomDraft { Lobby = true }, RoomActor.Server, room.Context));
        Participant waiter = room.Join("waiter");
        RoomSettings settings = room.State.Settings!;
        RoomActor server = RoomActor.Server;
        RoomEvent roomEvent = what switch
        {
            "created" => new RoomCreated("RM_x", settings, server),
            "updated" => new RoomUpdated(settings, server),
            "locked" => new RoomLocked(true, server),
            "closed" => new RoomClosed(RoomCloseReason.Empty, server),
            "room metadata" => new MetadataChanged(null, "m", null, server),
            "joined" => new ParticipantJoined(ann with { Id = new("PA_x"), Identity = "x" }),
            "joined hidden" => new ParticipantJoined(spy with { Id = new("PA_x"), Identity = "x" }),
            "waiting" => new ParticipantWaiting(waiter with { Id = new("PA_x"), Identity = "x" }),
            "waiting left" => new ParticipantLeft(waiter.Id, waiter.Identity, LeaveReason.Refused, "", server),
            "waiting metadata" => new MetadataChanged(waiter.Id, "m", "n", server),
            "admitted" => new ParticipantAdmitted(waiter with { State = ParticipantState.Joined }, server),
            "left" => new ParticipantLeft(ann.Id, ann.Identity, LeaveReason.Kicked, "", server),
            "left hidden" => new ParticipantLeft(spy.Id, spy.Identity, LeaveReason.Kicked, "", server),
            "published" => new TrackPublished(open with { Id = new("TR_x") }),
            "published hidden" => new TrackPublished(secret with { Id = new("TR_x") }),
            "updated hidden" => new TrackUpdated(secret),
            "muted" => new TrackMuted(open.Id, ann.Id, true, MuteReason.Self, server),
            "muted hidden" => new TrackMuted(secret.Id, spy.Id, true, MuteReason.Self, server),
            "unpublished hidden" => new TrackUnpublished(secret.Id, spy.Id, UnpublishReason.Unpublished),
            "metadata hidden" => new MetadataChanged(spy.Id, "m", "n", server),
            _ => new SessionResumed(ann.Id, "hash", "N"),
        };
        Assert.Equal(expected, Audiences.Of(room.State, roomEvent));
    }
}
