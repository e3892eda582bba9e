using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Http;

/// <summary>Why a request of WHIP or WHEP was refused.</summary>
/// <param name="Status">The HTTP status, 4xx or 5xx.</param>
/// <param name="Code">Our code.</param>
/// <param name="Detail">One sentence that says what to do.</param>
/// <param name="RetryAfter">When waiting helps: how long.</param>
internal sealed record HttpRefusal(int Status, string Code, string Detail, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    /// <summary>A room that the caller may not join now.</summary>
    public static HttpRefusal Of(RoomError error) => error.Code switch
    {
        RoomErrorCode.NotFound => new(404, ErrorCodes.NotFound, error.Message),
        RoomErrorCode.Forbidden => new(403, ErrorCodes.Forbidden, error.Message),
        RoomErrorCode.RoomLocked => new(403, ErrorCodes.RoomLocked, error.Message),
        RoomErrorCode.BadState => new(409, ErrorCodes.BadState, error.Message),
        RoomErrorCode.BadRequest => new(400, ErrorCodes.BadMessage, error.Message),
        RoomErrorCode.Limit => new(429, ErrorCodes.Limit, error.Message, error.RetryAfter ?? Later),
        _ => new(503, ProtocolNames.Of(error.Code), error.Message, error.RetryAfter ?? Later),
    };

    /// <summary>An offer that was not answered.</summary>
    public static HttpRefusal Of(MediaError error) => error.Code switch
    {
        ErrorCodes.Forbidden => new(403, error.Code, error.Message),
        ErrorCodes.Limit => new(429, error.Code, error.Message, Later),
        ErrorCodes.BadState => new(409, error.Code, error.Message),
        ErrorCodes.BadSdp or ErrorCodes.NoCommonCodec or ErrorCodes.BadMessage => new(422, error.Code, error.Message),
        _ => new(500, ErrorCodes.Internal, error.Message),
    };
}
