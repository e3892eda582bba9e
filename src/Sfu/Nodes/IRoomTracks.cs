using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>What media sessions ask of the room that owns the tracks.</summary>
internal interface IRoomTracks
{
    /// <summary>Publishes tracks of a participant.</summary>
    /// <returns>The room's word, or null when it could not be reached: what it published nevertheless is unpublished again.</returns>
    Task<PublishOutcome?> PublishAsync(RoomKey room, ParticipantId participant, IReadOnlyList<TrackDraft> drafts, CancellationToken cancellation);

    /// <summary>Ends tracks of a participant.</summary>
    /// <returns>False when the room could not be reached.</returns>
    Task<bool> UnpublishAsync(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason, CancellationToken cancellation);

    /// <summary>Ends tracks that were published for an offer which came to nothing; tried again until the room answers, within a bound.</summary>
    void Withdraw(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks);
}
