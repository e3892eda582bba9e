namespace Sfu.Rooms;

/// <summary>Log messages of rooms; event ids 4100-4199.</summary>
internal static partial class RoomLog
{
    [LoggerMessage(4101, LogLevel.Information, "Room {Room} opened as {RoomId}")]
    public static partial void RoomOpened(this ILogger logger, RoomKey room, string roomId);

    [LoggerMessage(4102, LogLevel.Information, "Room {Room} closed: {Reason}")]
    public static partial void RoomClosed(this ILogger logger, RoomKey room, RoomCloseReason reason);

    [LoggerMessage(4103, LogLevel.Information, "Room {Room} taken over with epoch {Epoch} at event {Seq}, {Participants} participants")]
    public static partial void RoomTakenOver(this ILogger logger, RoomKey room, long epoch, long seq, int participants);

    [LoggerMessage(4104, LogLevel.Warning, "Room {Room} is owned by another activation; epoch {Epoch} gives up")]
    public static partial void RoomSuperseded(this ILogger logger, RoomKey room, long epoch);

    [LoggerMessage(4105, LogLevel.Error, "Room {Room} could not be written or read; {LeftOut} such failures before it were not logged")]
    public static partial void RoomStoreFailed(this ILogger logger, Exception cause, RoomKey room, long leftOut);

    [LoggerMessage(4106, LogLevel.Error, "Room {Room}: the media node failed on {Event}")]
    public static partial void RoomCommandFailed(this ILogger logger, Exception cause, RoomKey room, string @event);

    [LoggerMessage(4107, LogLevel.Error, "The owner of the recordings of room {Room} did not answer")]
    public static partial void RecordingUnanswered(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4108, LogLevel.Warning, "Room {Room}: a worker did not confirm who is recorded")]
    public static partial void RecorderUnsettled(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4110, LogLevel.Information, "{Rooms} open rooms were taken over at start")]
    public static partial void RoomsSwept(this ILogger logger, int rooms);

    [LoggerMessage(4111, LogLevel.Error, "{Rooms} open rooms could not be taken over; trying again in {RetryAfter}")]
    public static partial void RoomsNotSwept(this ILogger logger, Exception? cause, int rooms, TimeSpan retryAfter);

    [LoggerMessage(4113, LogLevel.Error, "Old events could not be removed; trying again in an hour")]
    public static partial void PruneFailed(this ILogger logger, Exception cause);

    [LoggerMessage(4112, LogLevel.Information, "{Events} events past their retention were removed")]
    public static partial void EventsPruned(this ILogger logger, int events);

    [LoggerMessage(4120, LogLevel.Warning, "Events of room {Room} after {Seq} could not be read; trying again")]
    public static partial void RoomFeedFailed(this ILogger logger, Exception cause, RoomKey room, long seq);

    [LoggerMessage(4121, LogLevel.Error, "A subscriber of room {Room} failed on event {Seq}")]
    public static partial void RoomSinkFailed(this ILogger logger, Exception cause, RoomKey room, long seq);

    [LoggerMessage(4122, LogLevel.Debug, "The subscription of room {Room} could not be ended")]
    public static partial void RoomFeedNotEnded(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4130, LogLevel.Error, "A join of room {Room} was not answered")]
    public static partial void JoinUnanswered(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4131, LogLevel.Warning, "A join of room {Room} that nobody waits for could not be undone")]
    public static partial void JoinNotUndone(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4132, LogLevel.Warning, "Room {Room}: a resume was not answered")]
    public static partial void ResumeUnanswered(this ILogger logger, Exception cause, RoomKey room);
}
