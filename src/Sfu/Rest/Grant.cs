namespace Sfu.Rest;

/// <summary>What a token must allow for a route.</summary>
public enum Grant
{
    /// <summary><c>roomCreate</c>; for the token's room only when it names one.</summary>
    RoomCreate,

    /// <summary><c>roomList</c>.</summary>
    RoomList,

    /// <summary><c>roomAdmin</c> for the room of the path.</summary>
    RoomAdmin,

    /// <summary><c>roomAdmin</c> for the room of the path, or <c>roomList</c>.</summary>
    RoomAdminOrList,

    /// <summary><c>roomRecord</c> without <c>roomJoin</c>: a back end. For the token's room only when it names one.</summary>
    RoomRecord,
}
