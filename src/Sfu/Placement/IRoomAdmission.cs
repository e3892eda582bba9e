using Sfu.Rooms;

namespace Sfu.Placement;

/// <summary>The door of the node: rooms are joined through it, so that load is refused before it hurts those who are in.</summary>
public interface IRoomAdmission
{
    /// <summary>Joins a room, after the node's own limits (joins per second, participants, rooms, draining); counts the outcome.</summary>
    /// <returns>Never throws for expected failures: a store or cluster that does not answer is <see cref="RoomErrorCode.TryAgain"/>.</returns>
    Task<JoinOutcome> JoinAsync(RoomKey room, JoinRequest request, CancellationToken cancellation = default);
}
