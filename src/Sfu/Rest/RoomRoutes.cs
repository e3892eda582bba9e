using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Creates, lists, changes and ends rooms.</summary>
internal static class RoomRoutes
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private static IResult RecordingForbidden { get; } =
        ApiProblem.Result(403, "forbidden", "The token does not allow this: recording and consent need roomRecord without roomJoin.");

    /// <summary>Maps the routes under <c>/v1/rooms</c>.</summary>
    public static void MapRooms(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/rooms", CreateAsync).WithName("createRoom").Needs(Grant.RoomCreate)
            .Says("Create a room", "Creating a room that is open already returns it as it is, with 200.")
            .Produces<RoomResource>(StatusCodes.Status201Created).Produces<RoomResource>().Refuses(400, 413, 415, 429, 503);
        routes.MapGet("/rooms", ListAsync).WithName("listRooms").Needs(Grant.RoomList)
            .Says("List the open rooms", "In the order of their names, in pages.")
            .Produces<RoomList>().Refuses(400, 503);
        routes.MapGet("/rooms/{room}", GetAsync).WithName("getRoom").Needs(Grant.RoomAdminOrList)
            .Says("Get a room", "Its settings and how many are in it.")
            .Produces<RoomResource>().Refuses(404, 503);
        routes.MapPatch("/rooms/{room}", UpdateAsync).WithName("updateRoom").Needs(Grant.RoomAdmin)
            .Says("Change a room's settings", "What is absent stays as it is. Participants are told about a new metadata.")
            .Produces<RoomResource>().Refuses(400, 404, 413, 415, 503);
        routes.MapDelete("/rooms/{room}", DeleteAsync).WithName("deleteRoom").Needs(Grant.RoomCreate)
            .Says("End a room", "Everybody in it leaves with reason `room_closed`. Its events can still be read.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 503);
    }

    private static async Task<IResult> CreateAsync(RestCall call, CreateRoomRequest body, IRooms rooms, IOptions<RoomOptions> options)
    {
        if (!RoomKey.TryCreate(call.Token.Tenant, body.Name, out RoomKey key))
        {
            return Answers.BadField("name", $"name must be 1 to {RoomKey.MaxRoomLength} of A-Z, a-z, 0-9, '.', '_', '-'.");
        }

        // A token that names a room may create that one only: tokens of participants carry roomCreate so that their join may.
        if (call.Token.Grants.Room is { } only && only != body.Name) return ApiProblem.Result(403, "forbidden", "The token does not allow this: it names another room.");
        if (RoomFields.Check(body, options.Value) is { } wrong) return wrong;
        if (MayNotRecord(call, body, body.Name)) return RecordingForbidden;

        CreateOutcome outcome = await rooms.Get(key).CreateAsync(body.ToDraft(), call.By).ConfigureAwait(false);
        if (outcome.Error is { } error) return Answers.Refused(error);
        var room = RoomResource.From(outcome.Room!);
        return outcome.Created ? TypedResults.Created($"/v1/rooms/{room.Name}", room) : TypedResults.Ok(room);
    }

    private static async Task<IResult> ListAsync(
        RestCall call,
        [FromServices] IRoomDirectory directory,
        [FromQuery, Description("Name of the last room of the page before: the list's `next`.")] string? after,
        [FromQuery, Description("Most rooms in the answer, 1 to 1000; default 100."), Range(1, MaxLimit)] int? limit,
        CancellationToken cancellation)
    {
        if (after is not null && !Names.IsValid(after, RoomKey.MaxRoomLength)) return Answers.BadField("after", "after must be the name of a room.");
        if (limit is < 1 or > MaxLimit) return Answers.BadField("limit", $"limit must be 1 to {MaxLimit}.");

        int most = limit ?? DefaultLimit;
        IReadOnlyList<RoomInfo> rooms = await directory.ListAsync(call.Token.Tenant, after, most, cancellation).ConfigureAwait(false);
        string? next = rooms.Count == most ? rooms[^1].Key.Room : null;
        return TypedResults.Ok(new RoomList([.. rooms.Select(RoomResource.From)], next));
    }

    private static async Task<IResult> GetAsync(RestCall call, [Description("Name of the room.")] string room, IRooms rooms) =>
        call.Room is { } key && await rooms.Get(key).GetAsync().ConfigureAwait(false) is { } snapshot
            ? TypedResults.Ok(RoomResource.From(snapshot.Room))
            : Answers.NoRoom;

    private static async Task<IResult> UpdateAsync(
        RestCall call, [Description("Name of the room.")] string room, UpdateRoomRequest body, IRooms rooms, IOptions<RoomOptions> options)
    {
        if (call.Room is not { } key) return Answers.NoRoom;
        if (RoomFields.Check(body, options.Value) is { } wrong) return wrong;
        if (MayNotRecord(call, body, room)) return RecordingForbidden;

        RoomOutcome outcome = await rooms.Get(key).UpdateAsync(body.ToDraft(), call.By).ConfigureAwait(false);
        return outcome.Error is { } error ? Answers.Refused(error) : await GetAsync(call, room, rooms).ConfigureAwait(false);
    }

    /// <summary>Tokens of participants carry roomCreate or roomAdmin too: they must not switch recording off.</summary>
    private static bool MayNotRecord(RestCall call, UpdateRoomRequest body, string room) =>
        (body.Recording is not null || body.Consent is not null) && !RestRule.IsRecorderOf(call.Token, room);

    private static async Task<IResult> DeleteAsync(RestCall call, [Description("Name of the room.")] string room, IRooms rooms) =>
        call.Room is { } key ? Answers.From(await rooms.Get(key).DeleteAsync(call.By).ConfigureAwait(false)) : Answers.NoRoom;
}
