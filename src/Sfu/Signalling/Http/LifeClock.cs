using Sfu.Rooms;

namespace Sfu.Signalling.Http;

/// <summary>How long a WHIP or WHEP session may wait for its media, and a player for the participant it plays. Told the time; does no I/O.</summary>
/// <param name="connectBy">Until when media must flow for the first time.</param>
/// <param name="linger">How long a player stays when the participant it plays has left.</param>
/// <param name="plays">Identity of that participant; null for WHIP.</param>
/// <remarks>Owned by one session; not thread-safe. Times are of one monotonic clock.</remarks>
internal sealed class LifeClock(TimeSpan connectBy, TimeSpan linger, string? plays)
{
    private TimeSpan? _connectBy = connectBy;
    private TimeSpan? _lingerUntil;

    /// <summary>Media flows.</summary>
    public void Connected() => _connectBy = null;

    /// <summary>Something happened in the room.</summary>
    public void OnEvent(RoomEvent roomEvent, TimeSpan now)
    {
        switch (roomEvent)
        {
            case ParticipantLeft left when left.Identity == plays:
                _lingerUntil = now + linger;
                break;
            case ParticipantJoined joined when joined.Participant.Identity == plays:
            case ParticipantAdmitted admitted when admitted.Participant.Identity == plays:
                _lingerUntil = null;
                break;
        }
    }

    /// <summary>Whether the time is over.</summary>
    /// <param name="now">The time.</param>
    /// <param name="next">When to ask again; null when only another input can change the answer.</param>
    /// <param name="detail">Which time it was.</param>
    /// <returns>Why the participant leaves, or null while it stays.</returns>
    public LeaveReason? Poll(TimeSpan now, out TimeSpan? next, out string detail)
    {
        detail = "";
        next = _connectBy is { } connect && !(_lingerUntil < connect) ? connect : _lingerUntil;
        if (_connectBy <= now)
        {
            detail = "media did not connect";
            return LeaveReason.ConnectionFailed;
        }

        if (!(_lingerUntil <= now)) return null;
        detail = "the participant that was played left";
        return LeaveReason.ClientLeft;
    }
}
