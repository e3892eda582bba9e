using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Mutes tracks and locks rooms.</summary>
internal static class ModerationRoutes
{
    private const string RoomText = "Name of the room.";

    /// <summary>Maps the routes.</summary>
    public static void MapModeration(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/rooms/{room}/tracks/{track}:mute", MuteAsync).WithName("muteTrack").Needs(Grant.RoomAdmin)
            .Says("Mute a track", "Nothing of it is forwarded until its owner opens it again. Nobody else can open it.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 409, 503);
        routes.MapPost("/rooms/{room}:muteAll", MuteAllAsync).WithName("muteAll").Needs(Grant.RoomAdmin)
            .Says("Mute everybody", "All tracks of a kind, those of hidden participants excepted.")
            .Produces(StatusCodes.Status204NoContent).Refuses(400, 404, 503);
        routes.MapPost("/rooms/{room}:lock", LockAsync).WithName("lockRoom").Needs(Grant.RoomAdmin)
            .Says("Lock a room", "New participants are refused; those who are in may lose their connection and resume.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 503);
        routes.MapPost("/rooms/{room}:unlock", UnlockAsync).WithName("unlockRoom").Needs(Grant.RoomAdmin)
            .Says("Unlock a room", "New participants are taken again.")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 503);
    }

    private static async Task<IResult> MuteAsync(
        RestCall call, [Description(RoomText)] string room, [Description("Id of the track.")] string track, IRooms rooms) =>
        call.Room is { } key
            ? Answers.From(await rooms.Get(key).MuteTrackAsync(call.By, new TrackId(track), muted: true).ConfigureAwait(false))
            : Answers.NoRoom;

    private static async Task<IResult> MuteAllAsync(
        RestCall call,
        [Description(RoomText)] string room,
        [FromQuery, Description("`audio` (default) or `video`.")] string? kind,
        IRooms rooms)
    {
        if (call.Room is not { } key) return Answers.NoRoom;
        MediaKind? wanted = kind switch { null or "audio" => MediaKind.Audio, "video" => MediaKind.Video, _ => null };
        return wanted is { } one
            ? Answers.From(await rooms.Get(key).MuteAllAsync(call.By, one).ConfigureAwait(false))
            : Answers.BadField("kind", "kind must be audio or video.");
    }

    private static Task<IResult> LockAsync(RestCall call, [Description(RoomText)] string room, IRooms rooms) => SetLockAsync(call, rooms, locked: true);

    private static Task<IResult> UnlockAsync(RestCall call, [Description(RoomText)] string room, IRooms rooms) => SetLockAsync(call, rooms, locked: false);

    private static async Task<IResult> SetLockAsync(RestCall call, IRooms rooms, bool locked) =>
        call.Room is { } key ? Answers.From(await rooms.Get(key).LockAsync(call.By, locked).ConfigureAwait(false)) : Answers.NoRoom;
}
