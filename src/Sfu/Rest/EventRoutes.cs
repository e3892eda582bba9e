using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Reads a room's events by cursor.</summary>
internal static class EventRoutes
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Maps the route.</summary>
    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/rooms/{room}/events", ListAsync).WithName("listEvents").Needs(Grant.RoomAdmin)
            .Says("Read a room's events", "In order, also those of earlier rooms of the same name and of rooms that are closed. Ask again with `next` to follow.")
            .Produces<EventList>().Refuses(400, 404, 503);

    private static async Task<IResult> ListAsync(
        RestCall call,
        [Description("Name of the room.")] string room,
        [FromQuery, Description("Only events with a higher number; default 0.")] long? after,
        [FromQuery, Description("Most events in the answer, 1 to 1000; default 100."), Range(1, MaxLimit)] int? limit,
        IRooms rooms)
    {
        if (call.Room is not { } key) return Answers.NoRoom;
        if (after is < 0) return Answers.BadField("after", "after must be 0 or more.");
        if (limit is < 1 or > MaxLimit) return Answers.BadField("limit", $"limit must be 1 to {MaxLimit}.");

        EventPage page = await rooms.Get(key).EventsAsync(after ?? 0, limit ?? DefaultLimit).ConfigureAwait(false);
        // The cursor passes over what back ends do not see, else a page of such would stop them.
        long next = page.Events.Count > 0 ? page.Events[^1].Seq : after ?? 0;
        return TypedResults.Ok(new EventList([.. page.Events.Select(EventMapper.From).OfType<EventResource>()], next, page.LastSeq));
    }
}
