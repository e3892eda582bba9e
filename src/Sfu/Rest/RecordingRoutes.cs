using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Sfu.Recordings;
using Sfu.Recordings.Decisions;
using Sfu.Recordings.Storage;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Starts, finds and steers recordings. A participant's token never suffices: <see cref="Grant.RoomRecord"/>.</summary>
internal static class RecordingRoutes
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string IdText = "Id of the recording.";

    /// <summary>Maps the routes.</summary>
    public static void MapRecordings(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/rooms/{room}/recordings", StartAsync).WithName("startRecording").Needs(Grant.RoomRecord)
            .Says("Record a room", "A room that is recorded already answers with its recording and 200.")
            .Produces<RecordingResource>(StatusCodes.Status201Created).Produces<RecordingResource>().Refuses(404, 503);
        routes.MapGet("/recordings", ListAsync).WithName("listRecordings").Needs(Grant.RoomRecord)
            .Says("Find recordings", "Newest first, in pages.").Produces<RecordingList>().Refuses(400, 503);
        routes.MapGet("/recordings/{recording}", GetAsync).WithName("getRecording").Needs(Grant.RoomRecord)
            .Says("Get a recording", "With those who took part.").Produces<RecordingResource>().Refuses(404, 503);
        routes.MapPost("/recordings/{recording}:pause", PauseAsync).WithName("pauseRecording").Needs(Grant.RoomRecord)
            .Says("Pause a recording", "When it answers, media and data messages that come later are not recorded. The call goes on. The pause of a participant follows its identity.")
            .Produces<RecordingResource>().Refuses(400, 404, 409, 413, 415, 429, 503);
        routes.MapPost("/recordings/{recording}:resume", ResumeAsync).WithName("resumeRecording").Needs(Grant.RoomRecord)
            .Says("End a pause", "The pauses of others stay.").Produces<RecordingResource>().Refuses(400, 404, 409, 503);
        routes.MapPost("/recordings/{recording}:stop", StopAsync).WithName("stopRecording").Needs(Grant.RoomRecord)
            .Says("End a recording", "It is sealed soon after. One that is `required` ends with its room: 409.").Produces<RecordingResource>().Refuses(404, 409, 503);
        routes.MapGet("/impossibilities", ImpossibleAsync).WithName("listImpossibilities").Needs(Grant.RoomRecord)
            .Says("Find what could not be recorded", "Refused joins, held, ended, interrupted and unrecorded calls; newest first, in pages.")
            .Produces<ImpossibilityList>().Refuses(400, 503);
        routes.MapPost("/rooms/{room}/participants/{participant}:consent", ConsentAsync).WithName("consentForParticipant").Needs(Grant.RoomRecord)
            .Says("Say that a participant agrees or refuses", "For applications that ask by themselves.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 409, 413, 415, 503);
        routes.MapPost("/rooms/{room}/participants/{participant}:record", PolicyAsync).WithName("recordParticipant").Needs(Grant.RoomRecord)
            .Says("Say whether a participant is recorded", "`off` exempts it; `required` makes the call one that must be recorded.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 409, 413, 415, 503);
    }

    private static async Task<IResult> StartAsync(RestCall call, [Description("Name of the room.")] string room, IRooms rooms)
    {
        if (call.Room is not { } key) return Answers.NoRoom;
        RecordingAnswer answer = await rooms.Get(key).StartRecordingAsync(call.By).ConfigureAwait(false);
        if (answer.Recording is not { } recording) return Answers.Refused(answer.Error!);
        var resource = RecordingResource.From(recording);
        return answer.Created ? TypedResults.Created($"/v1/recordings/{resource.Id}", resource) : TypedResults.Ok(resource);
    }

    private static async Task<IResult> ListAsync(
        RestCall call,
        [FromServices] IRecordingStore store,
        [FromQuery, Description("Only of this room.")] string? room,
        [FromQuery, Description("Only with this identity.")] string? participant,
        [FromQuery, Description("Only those that were not over then, Unix milliseconds.")] long? from,
        [FromQuery, Description("Only those that were asked for before, Unix milliseconds.")] long? to,
        [FromQuery, Description("The list's `next`.")] string? after,
        [FromQuery, Description("Most recordings in the answer, 1 to 1000; default 100."), Range(1, MaxLimit)] int? limit)
    {
        if (Read(call, room, participant, from, to, after, limit, out RecordingQuery? query) is { } wrong) return wrong;
        IReadOnlyList<RecordingState> found = await store.ListAsync(query!).ConfigureAwait(false);
        return TypedResults.Ok(new RecordingList(
            [.. found.Select(RecordingResource.From)], found.Count == query!.Limit ? RecordingJson.Id(found[^1].Id) : null));
    }

    private static async Task<IResult> GetAsync(RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store)
    {
        if (await RecordingCalls.FindAsync(call, recording, store).ConfigureAwait(false) is not { } state) return RecordingCalls.NoRecording;
        IReadOnlyList<RecordingParticipant> participants = await store.ParticipantsAsync(state.Id).ConfigureAwait(false);
        return TypedResults.Ok(RecordingResource.From(state) with { Participants = [.. participants.Select(RecordedParticipantResource.From)] });
    }

    private static async Task<IResult> PauseAsync(
        RestCall call, [Description(IdText)] string recording, PauseRecordingRequest body, [FromServices] IRecordingStore store,
        [FromServices] IRoomRecordings recordings, [FromServices] IRooms rooms)
    {
        if (body.Text is not null && !Names.IsText(body.Text, Steering.MaxTextLength)) return Answers.BadField("text", "text must be at most 256 characters of text.");
        if (body.ForMs is { } time && (time < 1 || time > (long)RecordingTimes.LongestPause.TotalMilliseconds)) return Answers.BadField("forMs", "forMs must be 1 to 86400000.");
        TimeSpan? ends = body.ForMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        return await SteerAsync(call, recording, store, rooms, body.Participant, (state, participant, identity) =>
            recordings.Get(state.Room).PauseAsync(state.Id, new PauseWish(participant, body.Reason, body.Text ?? "", ends, identity), call.By)).ConfigureAwait(false);
    }

    private static async Task<IResult> ResumeAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRoomRecordings recordings, [FromServices] IRooms rooms,
        [FromQuery, Description("Identity whose pause ends, or any id that it has or had in the recording; absent = the room's.")] string? participant) =>
        await SteerAsync(call, recording, store, rooms, participant, (state, whose, _) =>
            recordings.Get(state.Room).ResumeAsync(state.Id, whose, call.By)).ConfigureAwait(false);

    private static Task<IResult> StopAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRoomRecordings recordings) =>
        SteerAsync(call, recording, store, state => RecordingPhases.IsOver(state.Phase)
            ? Task.FromResult(new RecordingAnswer(state, null))
            : recordings.Get(state.Room).StopAsync(state.Id, call.By));

    private static async Task<IResult> ImpossibleAsync(
        RestCall call,
        [FromServices] IRecordingStore store,
        [FromQuery, Description("Only of this room.")] string? room,
        [FromQuery, Description("Only those that went on then, Unix milliseconds.")] long? from,
        [FromQuery, Description("Only those that began before, Unix milliseconds.")] long? to,
        [FromQuery, Description("The list's `next`.")] string? after,
        [FromQuery, Description("Most records in the answer, 1 to 1000; default 100."), Range(1, MaxLimit)] int? limit)
    {
        if (Read(call, room, null, from, to, after, limit, out RecordingQuery? query) is { } wrong) return wrong;
        IReadOnlyList<Impossibility> found = await store.ImpossibilitiesAsync(query!).ConfigureAwait(false);
        return TypedResults.Ok(new ImpossibilityList(
            [.. found.Select(ImpossibilityResource.Of)], found.Count == query!.Limit ? RecordingJson.Id(found[^1].Id) : null));
    }

    private static Task<IResult> ConsentAsync(
        RestCall call, [Description("Name of the room.")] string room, [Description("Id of the participant, or its identity.")] string participant, ConsentRequest body, IRooms rooms) =>
        ParticipantRoutes.WithAsync(call, participant, rooms, async (grain, found) =>
            Answers.From(await grain.ConsentAsync(call.By, found.Id, body.Granted).ConfigureAwait(false)));

    private static Task<IResult> PolicyAsync(
        RestCall call, [Description("Name of the room.")] string room, [Description("Id of the participant, or its identity.")] string participant, ParticipantPolicyRequest body, IRooms rooms) =>
        ParticipantRoutes.WithAsync(call, participant, rooms, async (grain, found) =>
            Answers.From(await grain.SetRecordingPolicyAsync(call.By, found.Id, body.Policy).ConfigureAwait(false)));

    private static async Task<IResult> SteerAsync(RestCall call, string recording, IRecordingStore store, Func<RecordingState, Task<RecordingAnswer>> steer)
    {
        if (await RecordingCalls.FindAsync(call, recording, store).ConfigureAwait(false) is not { } state) return RecordingCalls.NoRecording;
        RecordingAnswer answer = await steer(state).ConfigureAwait(false);
        return answer.Recording is { } after ? TypedResults.Ok(RecordingResource.From(after)) : Answers.Refused(answer.Error!);
    }

    /// <summary>The same for one participant, or the whole room. A pause of nobody would be answered as one and mask nothing, so it is refused.</summary>
    private static Task<IResult> SteerAsync(
        RestCall call, string recording, IRecordingStore store, IRooms rooms, string? participant, Func<RecordingState, ParticipantId?, string?, Task<RecordingAnswer>> steer) =>
        SteerAsync(call, recording, store, async state =>
        {
            if (participant is null) return await steer(state, null, null).ConfigureAwait(false);
            return await FindAsync(state, store, rooms, participant).ConfigureAwait(false) is (var whose, var identity)
                ? await steer(state, whose, identity).ConfigureAwait(false)
                : RecordingAnswer.Refuse(new RoomError(RoomErrorCode.NotFound, "No such participant."));
        });

    /// <summary>Who is meant by an id or identity: one who is paused, is in the room, or took part and may come back. By id first: an application may
    /// call somebody what looks like an id.</summary>
    private static async Task<(ParticipantId Id, string? Identity)?> FindAsync(RecordingState state, IRecordingStore store, IRooms rooms, string text)
    {
        PauseSpan? Paused(Func<PauseSpan, bool> isMeant) => state.Pauses.FirstOrDefault(pause => pause.Participant is not null && isMeant(pause));
        if (Paused(pause => pause.Participant!.Value.Value == text) is { } byId) return (byId.Participant!.Value, byId.Identity);
        if (ParticipantRoutes.Find(await rooms.Get(state.Room).GetAsync().ConfigureAwait(false), text) is { } here) return (here.Id, here.Identity);
        if (Paused(pause => pause.Identity == text) is { } paused) return (paused.Participant!.Value, paused.Identity);
        IReadOnlyList<RecordingParticipant> were = await store.ParticipantsAsync(state.Id).ConfigureAwait(false);
        RecordingParticipant? was = were.LastOrDefault(one => one.Id.Value == text) ?? were.LastOrDefault(one => one.Identity == text);
        return was is null ? null : (was.Id, was.Identity);
    }

    private static IResult? Read(
        RestCall call, string? room, string? identity, long? from, long? to, string? after, int? limit, out RecordingQuery? query)
    {
        query = null;
        if (room is not null && !Names.IsValid(room, RoomKey.MaxRoomLength)) return Answers.BadField("room", "room must be the name of a room.");
        if (identity is not null && !Names.IsIdentity(identity)) return Answers.BadField("participant", "participant must be an identity.");
        if (!IsTime(from)) return Answers.BadField("from", "from must be a time in Unix milliseconds.");
        if (!IsTime(to)) return Answers.BadField("to", "to must be a time in Unix milliseconds.");
        if (limit is < 1 or > MaxLimit) return Answers.BadField("limit", $"limit must be 1 to {MaxLimit}.");
        Guid? before = null;
        if (after is not null)
        {
            if (!Guid.TryParseExact(after, "D", out Guid cursor)) return Answers.BadField("after", "after must be the next of a list.");
            before = cursor;
        }

        if (call.Token.Grants.Room is { } only && room is not null && room != only) return ApiProblem.Result(403, "forbidden", "The token does not allow this: it names another room.");
        query = new RecordingQuery(
            call.Token.Tenant, room ?? call.Token.Grants.Room, identity, Time(from), Time(to), before, limit ?? DefaultLimit);
        return null;
    }

    private static bool IsTime(long? time) => time is null or (>= 0 and <= 253_402_300_799_999);

    private static DateTimeOffset? Time(long? time) => time is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
