using System.Text.Json;
using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Rest;

public sealed class EventRoutesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly RoomActor Host = RoomActor.Of(new ParticipantId("PA_host"));
    private static readonly Track Microphone = new() { Id = new("TR_1"), Participant = new("PA_ann"), Kind = MediaKind.Audio, Source = TrackSource.Microphone };

    private TestServer Server => fixture.Server;

    public static TheoryData<RoomEvent, string> Events => new()
    {
        {
            new RoomCreated("RM_1", new RoomSettings { MaxParticipants = 3, EmptyTimeout = TimeSpan.FromSeconds(1), DepartureTimeout = TimeSpan.FromSeconds(2), Metadata = "m" }, RoomActor.BackEnd("k")),
            """{"kind":"room_created","roomId":"RM_1","settings":{"maxParticipants":3,"emptyTimeoutMs":1000,"departureTimeoutMs":2000,"lobby":false,"metadata":"m","recording":"off","consent":"none"},"by":{"type":"back_end","apiKey":"k"}"""
        },
        { new RoomLocked(true, Host), """{"kind":"room_locked","locked":true,"by":{"type":"participant","participant":"PA_host"}""" },
        { new RoomClosed(RoomCloseReason.Empty, RoomActor.Server), """{"kind":"room_closed","reason":"empty","by":{"type":"server"}""" },
        { new ParticipantLeft(new("PA_ann"), "ann", LeaveReason.Timeout, "", RoomActor.Server), """{"kind":"participant_left","participant":"PA_ann","identity":"ann","reason":"timeout","detail":"","by":{"type":"server"}""" },
        { new ParticipantLeft(new("PA_ann"), "ann", LeaveReason.DuplicateIdentity, "", RoomActor.Server), """{"kind":"participant_left","participant":"PA_ann","identity":"ann","reason":"replaced","detail":"","by":{"type":"server"}""" },
        { new TrackPublished(Microphone), """{"kind":"track_published","track":{"id":"TR_1","participant":"PA_ann","kind":"audio","source":"microphone","name":"","muted":false,"mutedBy":null,"codec":"","simulcast":false}""" },
        { new TrackUpdated(Microphone with { Name = "n" }), """{"kind":"track_updated","track":{"id":"TR_1","participant":"PA_ann","kind":"audio","source":"microphone","name":"n","muted":false,"mutedBy":null,"codec":"","simulcast":false}""" },
        { new TrackMuted(new("TR_1"), new("PA_ann"), true, MuteReason.MuteAll, Host), """{"kind":"track_muted","track":"TR_1","participant":"PA_ann","muted":true,"reason":"mute_all","by":{"type":"participant","participant":"PA_host"}""" },
        { new TrackUnpublished(new("TR_1"), new("PA_ann"), UnpublishReason.ParticipantLeft), """{"kind":"track_unpublished","track":"TR_1","participant":"PA_ann","reason":"participant_left" """.TrimEnd() },
        { new MetadataChanged(null, "x", null, Host), """{"kind":"metadata","participant":null,"metadata":"x","by":{"type":"participant","participant":"PA_host"}""" },
        { new MetadataChanged(new ParticipantId("PA_ann"), "x", "Ann", Host), """{"kind":"metadata","participant":"PA_ann","metadata":"x","name":"Ann","by":{"type":"participant","participant":"PA_host"}""" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public async Task List_OneEvent_HasItsMembers(RoomEvent happened, string expected)
    {
        string room = $"one-{Guid.NewGuid():N}";
        Server.Rooms["default", room].Log.Add(new LoggedEvent(4, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_001), EventAudience.Everyone, happened));

        Answer answer = await ListAsync(room, "");

        Assert.Equal($$"""{"events":[{{expected}},"seq":4,"at":1700000000001}],"next":4,"lastSeq":4}""", answer.Body);
    }

    [Fact]
    public async Task List_PeopleEvents_CarryThePersonAndNoInternalMember()
    {
        Participant ann = People.Make("ann");
        Add("people", EventAudience.Admins, new ParticipantWaiting(ann with { State = ParticipantState.Waiting }));
        Add("people", EventAudience.Everyone, new ParticipantAdmitted(ann, Host));
        Add("people", EventAudience.BackEnd, new ParticipantJoined(People.Make("ghost", hidden: true)));

        Answer answer = await ListAsync("people", "?limit=1000");

        JsonElement[] events = [.. answer.Json.GetProperty("events").EnumerateArray()];
        Assert.Equal(["participant_waiting", "participant_joined", "participant_joined"], events.Select(e => e.GetProperty("kind").GetString()));
        Assert.Equal(["waiting", "joined", "joined"], events.Select(e => e.GetProperty("participant").GetProperty("state").GetString()));
        Assert.Equal("PA_host", events[1].GetProperty("admittedBy").GetProperty("participant").GetString());
        Assert.False(events[2].TryGetProperty("admittedBy", out _));
        Assert.DoesNotContain("hidden-", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_InternalEvents_AreSkippedAndDoNotStopTheCursor()
    {
        for (int i = 0; i < 5; i++) Add("cursor", EventAudience.Internal, new SessionResumed(new("PA_ann"), "hidden-hash", "hidden-node"));
        Add("cursor", EventAudience.Everyone, new RoomLocked(true, Host));
        long after = 0;
        var seen = new List<long>();
        Answer page;
        do
        {
            page = await ListAsync("cursor", $"?after={after}&limit=2");
            seen.AddRange(page.Json.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
            after = page.Json.GetProperty("next").GetInt64();
        }
        while (after < page.Json.GetProperty("lastSeq").GetInt64());

        Assert.Equal([6], seen);
        Assert.Equal("""{"events":[],"next":6,"lastSeq":6}""", (await ListAsync("cursor", "?after=6")).Body);
    }

    [Theory]
    [InlineData("after=-1", "after")]
    [InlineData("after=x", "after")]
    [InlineData("after=1.5", "after")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    public async Task List_BadQuery_Answers400AndNamesTheField(string query, string field)
    {
        Answer answer = await ListAsync("bad", $"?{query}");

        RoomRoutesTests.AssertProblem(answer, 400, "bad_request");
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
    }

    private void Add(string room, EventAudience audience, RoomEvent happened)
    {
        List<LoggedEvent> log = Server.Rooms["default", room].Log;
        log.Add(new LoggedEvent(log.Count + 1, DateTimeOffset.UnixEpoch, audience, happened));
    }

    private Task<Answer> ListAsync(string room, string query) =>
        Server.SendAsync(HttpMethod.Get, $"/v1/rooms/{room}/events{query}", TestServer.Token(new { room, roomAdmin = true }));
}
