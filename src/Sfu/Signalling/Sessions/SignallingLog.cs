namespace Sfu.Signalling.Sessions;

/// <summary>Log messages of signalling: event ids 4200 to 4299. Ids only: no token, secret, address or SDP.</summary>
internal static partial class SignallingLog
{
    [LoggerMessage(4201, LogLevel.Warning, "Room {Room}: its events cannot be followed; asking again")]
    public static partial void FollowFailed(this ILogger logger, Exception exception, string room);

    [LoggerMessage(4202, LogLevel.Error, "Session {Session}: a request failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string session);

    [LoggerMessage(4203, LogLevel.Error, "Session {Session}: broken, it is ended")]
    public static partial void SessionBroken(this ILogger logger, Exception exception, string session);

    [LoggerMessage(4204, LogLevel.Error, "Session {Session}: participant {Participant} could not be taken out of its room")]
    public static partial void LeaveFailed(this ILogger logger, Exception exception, string session, string participant);

    [LoggerMessage(4205, LogLevel.Information, "Session {Session}: participant {Participant} {How} room {Room}")]
    public static partial void SessionBegan(this ILogger logger, string session, string participant, string how, string room);

    [LoggerMessage(4206, LogLevel.Information, "Session {Session}: over, {Reason}")]
    public static partial void SessionOver(this ILogger logger, string session, string reason);

    [LoggerMessage(4207, LogLevel.Information, "Session {Session}: socket lost")]
    public static partial void SocketLost(this ILogger logger, string session);

    [LoggerMessage(4208, LogLevel.Error, "A join failed")]
    public static partial void JoinFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4209, LogLevel.Error, "Session {Session}: too much waits to be done; its socket is closed")]
    public static partial void MailboxFull(this ILogger logger, string session);

    [LoggerMessage(4210, LogLevel.Warning, "Session {Session}: the room does not know yet that the client got its new secret; the one before stays good")]
    public static partial void SecretNotConfirmed(this ILogger logger, Exception exception, string session);
}
