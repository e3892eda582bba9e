using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>The media plane of this process, as rooms see it: coarse commands, after the decision is durable.</summary>
/// <remarks>Each method posts and returns at once; it never waits, throws or calls a grain before it returns. What concerns ids that are
/// gone already is ignored and counted. A command with a lower epoch than the last one seen for its room is refused and counted.</remarks>
public interface IMediaNode
{
    /// <summary>The participant left the room or the lobby: close its transport and tell its session why.</summary>
    void RemoveParticipant(RoomFence room, ParticipantId participant, LeaveReason reason, string detail);

    /// <summary>A track was muted or opened, by whomever: forward nothing of it, or all again.</summary>
    void SetTrackMuted(RoomFence room, TrackId track, bool muted);

    /// <summary>A track ended: remove its producer and the consumers of it.</summary>
    void RemoveTrack(RoomFence room, TrackId track);

    /// <summary>The room ended; everybody was removed before.</summary>
    void CloseRoom(RoomFence room, RoomCloseReason reason);

    /// <summary>Another activation owns the room: drop all of its transports here without telling anybody.</summary>
    void Supersede(RoomFence room);
}

/// <summary>A room and the life of its grain that speaks: the epoch rises with each activation, so that an old one is recognised.</summary>
/// <param name="Room">The room.</param>
/// <param name="Epoch">From 1.</param>
public readonly record struct RoomFence(RoomKey Room, long Epoch);
