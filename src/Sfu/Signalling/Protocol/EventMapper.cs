using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>Chooses what a participant sees of the room's log, and how it is written (docs/signalling.md section 5).</summary>
internal static class EventMapper
{
    /// <summary>The event as this viewer sees it, or null when it does not concern it.</summary>
    /// <param name="entry">The entry of the log; all audiences.</param>
    /// <param name="isAdmin">The viewer has <c>roomAdmin</c>.</param>
    /// <param name="isHidden">True for participants that appear nowhere: their deeds are shown as the server's.</param>
    public static EventMessage? Map(LoggedEvent entry, bool isAdmin, Predicate<ParticipantId> isHidden)
    {
        bool isVisible = entry.Audience == EventAudience.Everyone || (entry.Audience == EventAudience.Admins && isAdmin);
        if (!isVisible) return null;
        (long seq, long at) = (entry.Seq, entry.At.ToUnixTimeMilliseconds());
        return entry.Event switch
        {
            ParticipantJoined joined => new ParticipantJoinedEvent(seq, at, Wire.Of(joined.Participant)),
            ParticipantAdmitted admitted => new ParticipantJoinedEvent(seq, at, Wire.Of(admitted.Participant)),
            ParticipantWaiting waiting => new ParticipantWaitingEvent(seq, at, Wire.Of(waiting.Participant)),
            ParticipantLeft left => new ParticipantLeftEvent(seq, at, left.Participant.Value, left.Identity, ProtocolNames.Of(left.Reason)),
            TrackPublished published => new TrackPublishedEvent(seq, at, Wire.Of(published.Track)),
            TrackUpdated updated => new TrackUpdatedEvent(seq, at, Wire.Of(updated.Track)),
            TrackUnpublished gone => new TrackUnpublishedEvent(seq, at, gone.Track.Value, gone.Participant.Value, ProtocolNames.Of(gone.Reason)),
            TrackMuted muted => new TrackMutedEvent(
                seq, at, muted.Track.Value, muted.Participant.Value, muted.Muted, By(muted.By, isHidden), ProtocolNames.Of(muted.Reason)),
            MetadataChanged changed => new MetadataEvent(seq, at, changed.Participant?.Value, changed.Metadata, changed.Name),
            RoomLocked locked => new RoomLockedEvent(seq, at, locked.Locked, By(locked.By, isHidden)),
            RoomClosed closed => new RoomClosedEvent(seq, at, ProtocolNames.Of(closed.Reason)),
            RecordingChanged changed => Of(changed, seq, at, isHidden),
            ParticipantRecordingChanged changed => new ParticipantRecordingEvent(seq, at, changed.Participant.Value, ProtocolNames.Of(changed.State)),
            _ => null,
        };
    }

    private static RecordingEventMessage Of(RecordingChanged changed, long seq, long at, Predicate<ParticipantId> isHidden)
    {
        RecordingBody body = Wire.Of(changed.Recording);
        Dictionary<string, string> states = changed.States.Where(one => !isHidden(one.Participant))
            .ToDictionary(one => one.Participant.Value, one => ProtocolNames.Of(one.State));
        return new RecordingEventMessage(seq, at, body.State, body.Id, body.Policy!, body.Consent!, body.Reason, states);
    }

    /// <summary>Who did it: a participant, or null for the server and for those who are hidden.</summary>
    public static string? By(RoomActor actor, Predicate<ParticipantId> isHidden) =>
        actor.Participant is { } participant && !isHidden(participant) ? participant.Value : null;
}
