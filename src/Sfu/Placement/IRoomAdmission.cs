using Sfu.Rooms;

namespace Sfu.Placement;

/// <summary>The door of the node: rooms are joined through it, so that load is refused before it hurts those who are in.</summary>
public interface IRoomAdmission
{
    /// <summary>Joins a room, after the node's own limits (joins per second, participants, rooms, draining); counts the outcome.</summary>
    /// <returns>Never throws for expected failures: a store or cluster that does not answer is <see cref="RoomErrorCode.TryAgain"/>.</returns>
    Task<JoinOutcome> JoinAsync(RoomKey room, JoinRequest request, CancellationToken cancellation = default);

    /// <summary>Continues a session when its turn has come; resumes go before joins, and those who are in count already.</summary>
    /// <param name="room">The room.</param>
    /// <param name="request">The session, and the secret the client showed.</param>
    /// <param name="isKnown">The session lives in this process; a claim about another one waits among its like.</param>
    /// <param name="cancellation">Gives up waiting for the turn; once the room is asked, it is waited for.</param>
    /// <returns>Never throws for expected failures, as <see cref="JoinAsync"/>.</returns>
    Task<ResumeOutcome> ResumeAsync(RoomKey room, ResumeRequest request, bool isKnown, CancellationToken cancellation = default);
}
