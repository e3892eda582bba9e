using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Who is in a room: list, change, remove, admit, refuse.</summary>
internal static class ParticipantRoutes
{
    private const string RoomText = "Name of the room.";
    private const string ParticipantText = "Id of the participant, or its identity.";

    /// <summary>Maps the routes under <c>/v1/rooms/{room}/participants</c>.</summary>
    public static void MapParticipants(this IEndpointRouteBuilder routes)
    {
        const string One = "/rooms/{room}/participants/{participant}";
        routes.MapGet("/rooms/{room}/participants", ListAsync).WithName("listParticipants").Needs(Grant.RoomAdmin)
            .Says("List who is in a room", "Those who joined and those who wait in the lobby, oldest first, hidden ones included.")
            .Produces<ParticipantList>().Refuses(404, 503);
        routes.MapGet(One, GetAsync).WithName("getParticipant").Needs(Grant.RoomAdmin)
            .Says("Get a participant", "It may be in the room or in the lobby.")
            .Produces<ParticipantResource>().Refuses(404, 503);
        routes.MapPatch(One, UpdateAsync).WithName("updateParticipant").Needs(Grant.RoomAdmin)
            .Says("Change a participant's name or metadata", "What is absent stays as it is. Everybody is told.")
            .Produces<ParticipantResource>().Refuses(400, 404, 409, 413, 415, 503);
        routes.MapDelete(One, KickAsync).WithName("removeParticipant").Needs(Grant.RoomAdmin)
            .Says("Remove a participant", "It leaves with reason `kicked`. Its token still admits: refuse to make another, or lock the room.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 503);
        routes.MapPost(One + ":admit", AdmitAsync).WithName("admitParticipant").Needs(Grant.RoomAdmin)
            .Says("Let a waiting participant in", "It leaves the lobby and joins the room.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 409, 503);
        routes.MapPost(One + ":refuse", RefuseAsync).WithName("refuseParticipant").Needs(Grant.RoomAdmin)
            .Says("Send a waiting participant away", "It leaves the lobby with reason `refused`.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 409, 503);
    }

    private static async Task<IResult> ListAsync(RestCall call, [Description(RoomText)] string room, IRooms rooms) =>
        call.Room is { } key && await rooms.Get(key).GetAsync().ConfigureAwait(false) is { } snapshot
            ? TypedResults.Ok(new ParticipantList(
                [.. snapshot.Participants.Select(ParticipantResource.From)], [.. snapshot.Waiting.Select(ParticipantResource.From)], snapshot.Seq))
            : Answers.NoRoom;

    private static Task<IResult> GetAsync(
        RestCall call, [Description(RoomText)] string room, [Description(ParticipantText)] string participant, IRooms rooms) =>
        WithAsync(call, participant, rooms, (_, found) => Task.FromResult<IResult>(TypedResults.Ok(ParticipantResource.From(found))));

    private static async Task<IResult> UpdateAsync(
        RestCall call, [Description(RoomText)] string room, [Description(ParticipantText)] string participant, UpdateParticipantRequest body, IRooms rooms)
    {
        if (RoomFields.Check(body) is { } wrong) return wrong;
        return await WithAsync(call, participant, rooms, async (grain, found) =>
        {
            RoomOutcome outcome = await grain.UpdateMetadataAsync(call.By, found.Id, body.Metadata, body.Name).ConfigureAwait(false);
            if (outcome.Error is { } error) return Answers.Refused(error);
            RoomSnapshot? now = await grain.GetAsync().ConfigureAwait(false);
            return Find(now, found.Id.Value) is { } changed ? TypedResults.Ok(ParticipantResource.From(changed)) : Answers.NoParticipant;
        }).ConfigureAwait(false);
    }

    private static async Task<IResult> KickAsync(
        RestCall call,
        [Description(RoomText)] string room,
        [Description(ParticipantText)] string participant,
        [FromQuery, Description("Told to the participant and kept in the events; at most 256 characters.")] string? reason,
        IRooms rooms) =>
        RoomFields.CheckReason(reason) ?? await WithAsync(
            call, participant, rooms, async (grain, found) => Answers.From(await grain.KickAsync(call.By, found.Id, reason ?? "").ConfigureAwait(false))).ConfigureAwait(false);

    private static Task<IResult> AdmitAsync(
        RestCall call, [Description(RoomText)] string room, [Description(ParticipantText)] string participant, IRooms rooms) =>
        WithAsync(call, participant, rooms, async (grain, found) => Answers.From(await grain.AdmitAsync(call.By, found.Id).ConfigureAwait(false)));

    private static async Task<IResult> RefuseAsync(
        RestCall call,
        [Description(RoomText)] string room,
        [Description(ParticipantText)] string participant,
        [FromQuery, Description("Told to the participant and kept in the events; at most 256 characters.")] string? reason,
        IRooms rooms) =>
        RoomFields.CheckReason(reason) ?? await WithAsync(
            call, participant, rooms, async (grain, found) => Answers.From(await grain.RefuseAsync(call.By, found.Id, reason ?? "").ConfigureAwait(false))).ConfigureAwait(false);

    /// <summary>Does something with the participant of a path.</summary>
    internal static async Task<IResult> WithAsync(RestCall call, string participant, IRooms rooms, Func<IRoomGrain, Participant, Task<IResult>> then)
    {
        if (call.Room is not { } key) return Answers.NoRoom;
        IRoomGrain grain = rooms.Get(key);
        RoomSnapshot? snapshot = await grain.GetAsync().ConfigureAwait(false);
        if (snapshot is null) return Answers.NoRoom;
        return Find(snapshot, participant) is { } found ? await then(grain, found).ConfigureAwait(false) : Answers.NoParticipant;
    }

    /// <summary>By id, else by identity: an application may call somebody what looks like an id.</summary>
    internal static Participant? Find(RoomSnapshot? snapshot, string participant)
    {
        if (snapshot is null) return null;
        IEnumerable<Participant> all = snapshot.Participants.Concat(snapshot.Waiting);
        return all.FirstOrDefault(p => p.Id.Value == participant) ?? all.FirstOrDefault(p => p.Identity == participant);
    }
}
