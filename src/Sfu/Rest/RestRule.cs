using Sfu.Security;

namespace Sfu.Rest;

/// <summary>Marks a route with the grant that it needs. A route under <c>/v1</c> without one answers nobody.</summary>
/// <param name="Grant">The grant.</param>
public sealed record RestRule(Grant Grant)
{
    /// <summary>True when the token may use the route.</summary>
    /// <param name="token">A valid token.</param>
    /// <param name="room">The room of the path, or null when the path has none.</param>
    public bool Allows(AccessToken token, string? room) => Grant switch
    {
        Grant.RoomCreate => token.Grants.RoomCreate && (room is null || token.Grants.Room is null || token.Grants.Room == room),
        Grant.RoomList => token.Grants.RoomList,
        Grant.RoomAdmin => IsAdminOf(token, room),
        Grant.RoomAdminOrList => token.Grants.RoomList || IsAdminOf(token, room),
        Grant.RoomRecord => IsRecorderOf(token, room),
        _ => false,
    };

    /// <summary>The grant in words, for the documents.</summary>
    public string Text => Grant switch
    {
        Grant.RoomCreate => "`roomCreate`",
        Grant.RoomList => "`roomList`",
        Grant.RoomAdmin => "`roomAdmin` and `room`",
        Grant.RoomRecord => "`roomRecord` without `roomJoin`",
        _ => "`roomAdmin` and `room`, or `roomList`",
    };

    /// <summary>Who may decide about recordings: a back end, never one who takes part.</summary>
    public static bool IsRecorderOf(AccessToken token, string? room) =>
        token.Grants.RoomRecord && !token.Grants.RoomJoin && (room is null || token.Grants.Room is null || token.Grants.Room == room);

    private static bool IsAdminOf(AccessToken token, string? room) =>
        token.Grants.RoomAdmin && room is not null && token.Grants.Room == room;
}
