namespace Sfu.Rooms;

/// <summary>Why a participant is gone; the label values of <c>sfu_leaves_total</c>.</summary>
[GenerateSerializer]
public enum LeaveReason
{
    /// <summary>The client said so, or closed its connection in order.</summary>
    ClientLeft,

    /// <summary>A host or the back end removed it.</summary>
    Kicked,

    /// <summary>Nothing was heard from it for the time-out.</summary>
    Timeout,

    /// <summary>The same identity joined again.</summary>
    DuplicateIdentity,

    /// <summary>The room was deleted.</summary>
    RoomClosed,

    /// <summary>Its token ended and tokens are set to end calls.</summary>
    TokenExpired,

    /// <summary>The server that carried it stopped in order.</summary>
    ServerShutdown,

    /// <summary>A host or the back end refused it in the lobby.</summary>
    Refused,

    /// <summary>The server that carried it died.</summary>
    NodeLost,

    /// <summary>Its media connection could not be made.</summary>
    ConnectionFailed,
}

/// <summary>Why a track ended.</summary>
[GenerateSerializer]
public enum UnpublishReason
{
    /// <summary>Its owner ended it.</summary>
    Unpublished,

    /// <summary>Its owner left.</summary>
    ParticipantLeft,

    /// <summary>Its owner came with a new media connection.</summary>
    Replaced,
}

/// <summary>Why a track was muted or opened.</summary>
[GenerateSerializer]
public enum MuteReason
{
    /// <summary>Its owner wanted it.</summary>
    Self,

    /// <summary>A host muted this one.</summary>
    Admin,

    /// <summary>A host muted everybody.</summary>
    MuteAll,

    /// <summary>The back end muted it.</summary>
    Server,
}

/// <summary>Why a room ended.</summary>
[GenerateSerializer]
public enum RoomCloseReason
{
    /// <summary>The back end deleted it.</summary>
    Deleted,

    /// <summary>Nobody was in it for the time of its options.</summary>
    Empty,

    /// <summary>It must be recorded and could not be, for 15 s.</summary>
    RecordingUnavailable,
}
