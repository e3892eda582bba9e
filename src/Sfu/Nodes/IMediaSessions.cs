using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>Opens the media side of signalling sessions on this node: the seam between <c>Signalling</c> and <c>Nodes</c>.</summary>
public interface IMediaSessions
{
    /// <summary>Makes the media side of a participant that joined; no transport exists before the first offer.</summary>
    /// <param name="room">Its room.</param>
    /// <param name="snapshot">The room as the join or resume answered it, the participant included.</param>
    /// <param name="self">The participant.</param>
    /// <param name="mode">What it wants to receive.</param>
    /// <param name="sink">Told what happens; called by one thread at a time, must return at once.</param>
    IMediaSession Open(RoomKey room, RoomSnapshot snapshot, Participant self, MediaSessionMode mode, IMediaSessionSink sink);
}

/// <summary>What a media session receives and how it answers.</summary>
/// <param name="SubscribesAutomatically">Every track of the others is received; else what <see cref="IMediaSession.Subscribe"/> switches on.</param>
/// <param name="Only">Receives the tracks of this participant's identity only (WHEP); null = of everybody.</param>
/// <param name="IsAllOrNothing">A section that cannot be served fails the whole offer (WHIP, WHEP: RFC 9725 section 4.4.2).</param>
public sealed record MediaSessionMode(bool SubscribesAutomatically, string? Only = null, bool IsAllOrNothing = false);
