using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Sessions;

/// <summary>What became of a <c>join</c>: exactly one of <see cref="Session"/> and <see cref="Error"/> is set.</summary>
/// <param name="Session">The session that answers on the socket from here on.</param>
/// <param name="Error">The refusal.</param>
/// <param name="CloseCode">How the socket is closed after a refusal.</param>
internal sealed record JoinReply(Session? Session, ErrorMessage? Error, int CloseCode)
{
    /// <summary>In, or in the lobby.</summary>
    public static JoinReply Accepted(Session session) => new(session, null, 0);

    /// <summary>Refused.</summary>
    public static JoinReply Refused(ErrorMessage error) => new(null, error, error.Code switch
    {
        ErrorCodes.Unauthorized => CloseCodes.BadToken,
        ErrorCodes.Draining or ErrorCodes.RoomFull or ErrorCodes.Limit or ErrorCodes.Internal => CloseCodes.Later,
        _ => CloseCodes.Policy,
    });
}
