namespace Sfu.Signalling.Protocol;

/// <summary>The codes of docs/signalling.md section 6; WHIP and WHEP use the same in their problems.</summary>
internal static class ErrorCodes
{
    /// <summary>Not valid by the protocol.</summary>
    public const string BadMessage = "bad_message";

    /// <summary>The offer cannot be read or asks for what the server never does.</summary>
    public const string BadSdp = "bad_sdp";

    /// <summary>Not now.</summary>
    public const string BadState = "bad_state";

    /// <summary>Token missing, malformed, expired, of an unknown key.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The token does not allow it.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>No such participant, track, room or session.</summary>
    public const string NotFound = "not_found";

    /// <summary>No place.</summary>
    public const string RoomFull = "room_full";

    /// <summary>Locked by a host.</summary>
    public const string RoomLocked = "room_locked";

    /// <summary>A limit or the rate.</summary>
    public const string Limit = "limit";

    /// <summary>Nothing in the offer can be used.</summary>
    public const string NoCommonCodec = "no_common_codec";

    /// <summary>The room must be recorded and cannot be now.</summary>
    public const string RecordingUnavailable = "recording_unavailable";

    /// <summary>The node takes no new calls.</summary>
    public const string Draining = "draining";

    /// <summary>Our fault; it is logged.</summary>
    public const string Internal = "internal";
}
