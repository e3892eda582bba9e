using System.Text;
using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Protocol;

public sealed class EventMapperTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_000);
    private static readonly ParticipantId Bo = new("PA_2");
    private static readonly ParticipantId Ghost = new("PA_9");

    private static readonly Participant Participant = new()
    {
        Id = Bo,
        Identity = "bo",
        Name = "Bö",
        Metadata = "m",
        State = ParticipantState.Joined,
        Rights = Rights.Participant,
        JoinedAt = At,
        Session = new SessionId("S_1"),
        SecretHash = "hash",
        Node = "node",
        Client = new ClientInfo(ClientProtocol.WebSocket, "x"),
    };

    private static readonly Track Track = new()
    {
        Id = new TrackId("TR_1"),
        Participant = Bo,
        Kind = MediaKind.Video,
        Source = TrackSource.ScreenShare,
        Name = "n",
        Codec = "VP8",
        Simulcast = true,
    };

    public static TheoryData<RoomEvent, string> Written => new()
    {
        { new ParticipantJoined(Participant), """{"kind":"participant_joined","type":"event","seq":5,"at":1760000000000,"participant":{"id":"PA_2","identity":"bo","name":"Bö","metadata":"m","state":"joined","role":"participant","joinedAt":1760000000000,"tracks":[],"recording":"off"}}""" },
        { new ParticipantAdmitted(Participant, RoomActor.Server), """{"kind":"participant_joined","type":"event","seq":5,"at":1760000000000,"participant":{"id":"PA_2","identity":"bo","name":"Bö","metadata":"m","state":"joined","role":"participant","joinedAt":1760000000000,"tracks":[],"recording":"off"}}""" },
        { new ParticipantLeft(Bo, "bo", LeaveReason.DuplicateIdentity, "secret detail", RoomActor.Server), """{"kind":"participant_left","type":"event","seq":5,"at":1760000000000,"participant":"PA_2","identity":"bo","reason":"replaced"}""" },
        { new TrackPublished(Track), """{"kind":"track_published","type":"event","seq":5,"at":1760000000000,"track":{"id":"TR_1","participant":"PA_2","kind":"video","source":"screen_share","name":"n","muted":false}}""" },
        { new TrackUpdated(Track with { MutedBy = MutedBy.Admin }), """{"kind":"track_updated","type":"event","seq":5,"at":1760000000000,"track":{"id":"TR_1","participant":"PA_2","kind":"video","source":"screen_share","name":"n","muted":true,"mutedBy":"admin"}}""" },
        { new TrackUnpublished(Track.Id, Bo, UnpublishReason.Replaced), """{"kind":"track_unpublished","type":"event","seq":5,"at":1760000000000,"track":"TR_1","participant":"PA_2","reason":"replaced"}""" },
        { new TrackMuted(Track.Id, Bo, true, MuteReason.MuteAll, RoomActor.Of(Bo)), """{"kind":"track_muted","type":"event","seq":5,"at":1760000000000,"track":"TR_1","participant":"PA_2","muted":true,"by":"PA_2","reason":"mute_all"}""" },
        { new TrackMuted(Track.Id, Bo, true, MuteReason.Server, RoomActor.BackEnd("key")), """{"kind":"track_muted","type":"event","seq":5,"at":1760000000000,"track":"TR_1","participant":"PA_2","muted":true,"by":null,"reason":"server"}""" },
        { new TrackMuted(Track.Id, Bo, true, MuteReason.Admin, RoomActor.Of(Ghost)), """{"kind":"track_muted","type":"event","seq":5,"at":1760000000000,"track":"TR_1","participant":"PA_2","muted":true,"by":null,"reason":"admin"}""" },
        { new MetadataChanged(Bo, "new", "Bob", RoomActor.Server), """{"kind":"metadata","type":"event","seq":5,"at":1760000000000,"participant":"PA_2","metadata":"new","name":"Bob"}""" },
        { new MetadataChanged(null, "new", null, RoomActor.Server), """{"kind":"metadata","type":"event","seq":5,"at":1760000000000,"participant":null,"metadata":"new"}""" },
        { new RoomLocked(true, RoomActor.Of(Bo)), """{"kind":"room_locked","type":"event","seq":5,"at":1760000000000,"locked":true,"by":"PA_2"}""" },
        { new RoomLocked(false, RoomActor.Of(Ghost)), """{"kind":"room_locked","type":"event","seq":5,"at":1760000000000,"locked":false,"by":null}""" },
        { new RoomClosed(RoomCloseReason.Deleted, RoomActor.Server), """{"kind":"room_closed","type":"event","seq":5,"at":1760000000000,"reason":"deleted"}""" },
    };

    [Theory, MemberData(nameof(Written))]
    public void Map_EventForEveryone_IsWrittenAsDocumented(RoomEvent roomEvent, string expected)
    {
        EventMessage? message = Map(roomEvent, EventAudience.Everyone, isAdmin: false);
        Assert.Equal(expected, Encoding.UTF8.GetString(ServerMessageContext.Write(message!)));
    }

    [Theory]
    [InlineData(EventAudience.Everyone, true, true)]
    [InlineData(EventAudience.Everyone, false, true)]
    [InlineData(EventAudience.Admins, true, true)]
    [InlineData(EventAudience.Admins, false, false)]
    [InlineData(EventAudience.BackEnd, true, false)]
    [InlineData(EventAudience.BackEnd, false, false)]
    [InlineData(EventAudience.Internal, true, false)]
    [InlineData(EventAudience.Internal, false, false)]
    public void Map_Audience_DecidesWhoSees(EventAudience audience, bool isAdmin, bool isSeen) =>
        Assert.Equal(isSeen, Map(new ParticipantWaiting(Participant with { State = ParticipantState.Waiting }), audience, isAdmin) is not null);

    [Fact]
    public void Map_BookKeeping_IsSeenByNobody()
    {
        Assert.Null(Map(new SessionResumed(Bo, "hash", "node"), EventAudience.Everyone, isAdmin: true));
        var settings = new RoomSettings { MaxParticipants = 1, EmptyTimeout = TimeSpan.Zero, DepartureTimeout = TimeSpan.Zero };
        Assert.Null(Map(new RoomUpdated(settings, RoomActor.Server), EventAudience.Everyone, isAdmin: true));
        Assert.Null(Map(new RoomCreated("RM_1", settings, RoomActor.Server), EventAudience.Everyone, isAdmin: true));
    }

    [Fact]
    public void Of_EveryReason_HasAWordOfItsOwn()
    {
        AssertDistinct(Enum.GetValues<LeaveReason>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<UnpublishReason>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<MuteReason>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<MutedBy>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<TrackSource>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<MediaKind>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<ParticipantRole>(), ProtocolNames.Of);
        AssertDistinct(Enum.GetValues<RoomCloseReason>(), ProtocolNames.Of);
        foreach (TrackSource source in Enum.GetValues<TrackSource>()) Assert.Equal(source, ProtocolNames.ToSource(ProtocolNames.Of(source)));
        foreach (MediaKind kind in Enum.GetValues<MediaKind>()) Assert.Equal(kind, ProtocolNames.ToKind(ProtocolNames.Of(kind)));
    }

    private static void AssertDistinct<T>(T[] values, Func<T, string> name) =>
        Assert.Equal(values.Length, values.Select(name).Distinct(StringComparer.Ordinal).Count());

    private static EventMessage? Map(RoomEvent roomEvent, EventAudience audience, bool isAdmin) =>
        EventMapper.Map(new LoggedEvent(5, At, audience, roomEvent), isAdmin, id => id == Ghost);
}
