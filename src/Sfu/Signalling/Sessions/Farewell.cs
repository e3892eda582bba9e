using System.Security.Cryptography;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Sessions;

/// <summary>The last message of a socket and its close code.</summary>
/// <param name="Bye">What the client is told.</param>
/// <param name="CloseCode">One of <see cref="CloseCodes"/>.</param>
internal sealed record Farewell(ByeMessage Bye, int CloseCode)
{
    /// <summary>Our fault: come back as a new participant.</summary>
    public static Farewell Broken { get; } = new(new ByeMessage(null, "internal", "rejoin", 1000), CloseCodes.ServerError);

    /// <summary>The server stops: resume, where it starts again or elsewhere. Clients are spread so that they do not come at once.</summary>
    public static Farewell Stopping() =>
        new(new ByeMessage(null, "draining", "resume", 500 + RandomNumberGenerator.GetInt32(1500)), CloseCodes.Later);

    /// <summary>The participant's own leaving.</summary>
    /// <param name="re">The <c>leave</c> that is answered, or null.</param>
    public static Farewell Left(int? re) => new(new ByeMessage(re, "left", "none", 0), CloseCodes.Done);

    /// <summary>What the room's reason means for the client.</summary>
    /// <param name="reason">Why the participant is gone.</param>
    /// <param name="joinId">The <c>join</c> that is answered, for one that waited in the lobby; else null.</param>
    public static Farewell Of(LeaveReason reason, int? joinId) => reason switch
    {
        LeaveReason.ClientLeft => Left(joinId),
        LeaveReason.Kicked => new(new ByeMessage(joinId, "kicked", "none", 0), CloseCodes.Done),
        LeaveReason.Refused => new(new ByeMessage(joinId, "refused", "none", 0), CloseCodes.Done),
        LeaveReason.DuplicateIdentity => new(new ByeMessage(joinId, "replaced", "none", 0), CloseCodes.Replaced),
        LeaveReason.RoomClosed => new(new ByeMessage(joinId, "room_closed", "none", 0), CloseCodes.Done),
        LeaveReason.TokenExpired => new(new ByeMessage(joinId, "token_expired", "none", 0), CloseCodes.BadToken),
        LeaveReason.ServerShutdown => new(new ByeMessage(joinId, "draining", "rejoin", 1000), CloseCodes.Later),
        LeaveReason.Timeout or LeaveReason.ConnectionFailed => new(new ByeMessage(joinId, "timeout", "rejoin", 0), CloseCodes.Policy),
        _ => new(new ByeMessage(joinId, "internal", "rejoin", 1000), CloseCodes.ServerError),
    };
}
