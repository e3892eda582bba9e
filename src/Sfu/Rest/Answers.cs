using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>The answers that several routes share.</summary>
internal static class Answers
{
    /// <summary>The room of the path is not open, or cannot exist.</summary>
    public static IResult NoRoom { get; } = ApiProblem.Result(404, "not_found", "There is no such room.");

    /// <summary>The participant of the path is not in the room.</summary>
    public static IResult NoParticipant { get; } = ApiProblem.Result(404, "not_found", "There is no such participant in the room.");

    /// <summary>A member or parameter has a value that is not valid.</summary>
    public static IResult BadField(string field, string detail) => ApiProblem.Result(400, "bad_request", detail, field);

    /// <summary>What the room answered when it refused.</summary>
    public static IResult Refused(RoomError error) => ApiProblem.Result(StatusOf(error.Code), CodeOf(error.Code), error.Message, null, error.RetryAfter);

    /// <summary>204, or why not.</summary>
    public static IResult From(RoomOutcome outcome) => outcome.Error is { } error ? Refused(error) : TypedResults.NoContent();

    private static int StatusOf(RoomErrorCode code) => code switch
    {
        RoomErrorCode.NotFound => 404,
        RoomErrorCode.Forbidden => 403,
        RoomErrorCode.BadRequest => 400,
        RoomErrorCode.Limit => 429,
        RoomErrorCode.Draining or RoomErrorCode.TryAgain or RoomErrorCode.RecordingUnavailable => 503,
        _ => 409, // not in this state of the room
    };

    private static string CodeOf(RoomErrorCode code) => code switch
    {
        RoomErrorCode.NotFound => "not_found",
        RoomErrorCode.Forbidden => "forbidden",
        RoomErrorCode.BadRequest => "bad_request",
        RoomErrorCode.RoomFull => "room_full",
        RoomErrorCode.RoomLocked => "room_locked",
        RoomErrorCode.Limit => "limit",
        RoomErrorCode.Draining => "draining",
        RoomErrorCode.TryAgain => "try_again",
        RoomErrorCode.RecordingUnavailable => "recording_unavailable",
        _ => "bad_state",
    };
}
