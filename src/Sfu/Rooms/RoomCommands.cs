using Sfu.Nodes;

namespace Sfu.Rooms;

/// <summary>What the media node is told of an event that is durable. Joins and publications reach it through their media sessions.</summary>
internal static class RoomCommands
{
    /// <summary>Posts the command of one event, if it has one.</summary>
    public static void Tell(IMediaNode node, RoomFence fence, RoomEvent roomEvent)
    {
        switch (roomEvent)
        {
            case TrackMuted muted:
                node.SetTrackMuted(fence, muted.Track, muted.Muted);
                break;
            case TrackUnpublished gone:
                node.RemoveTrack(fence, gone.Track);
                break;
            case ParticipantLeft left:
                node.RemoveParticipant(fence, left.Participant, left.Reason, left.Detail);
                break;
            case RoomClosed closed:
                node.CloseRoom(fence, closed.Reason);
                break;
        }
    }
}
