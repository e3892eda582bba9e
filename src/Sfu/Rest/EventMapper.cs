using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Turns the log's events into those of the back-end interface; the server's own book-keeping stays inside.</summary>
internal static class EventMapper
{
    /// <summary>The event as back ends see it, or null when they do not.</summary>
    public static EventResource? From(LoggedEvent entry)
    {
        if (entry.Audience == EventAudience.Internal) return null;
        long seq = entry.Seq;
        long at = entry.At.ToUnixTimeMilliseconds();
        return entry.Event switch
        {
            RoomCreated e => new RoomCreatedEvent(e.RoomId, RoomSettingsResource.From(e.Settings), ActorResource.From(e.By)) { Seq = seq, At = at },
            RoomUpdated e => new RoomUpdatedEvent(RoomSettingsResource.From(e.Settings), ActorResource.From(e.By)) { Seq = seq, At = at },
            RoomLocked e => new RoomLockedEvent(e.Locked, ActorResource.From(e.By)) { Seq = seq, At = at },
            RoomClosed e => new RoomClosedEvent(e.Reason, ActorResource.From(e.By)) { Seq = seq, At = at },
            ParticipantWaiting e => new ParticipantWaitingEvent(ParticipantResource.From(e.Participant)) { Seq = seq, At = at },
            ParticipantJoined e => new ParticipantJoinedEvent(ParticipantResource.From(e.Participant)) { Seq = seq, At = at },
            ParticipantAdmitted e => new ParticipantJoinedEvent(ParticipantResource.From(e.Participant), ActorResource.From(e.By)) { Seq = seq, At = at },
            ParticipantLeft e => new ParticipantLeftEvent(e.Participant.Value, e.Identity, ReasonOf(e.Reason), e.Detail, ActorResource.From(e.By)) { Seq = seq, At = at },
            TrackPublished e => new TrackPublishedEvent(TrackResource.From(e.Track)) { Seq = seq, At = at },
            TrackUpdated e => new TrackUpdatedEvent(TrackResource.From(e.Track)) { Seq = seq, At = at },
            TrackMuted e => new TrackMutedEvent(e.Track.Value, e.Participant.Value, e.Muted, e.Reason, ActorResource.From(e.By)) { Seq = seq, At = at },
            TrackUnpublished e => new TrackUnpublishedEvent(e.Track.Value, e.Participant.Value, e.Reason) { Seq = seq, At = at },
            MetadataChanged e => new MetadataEvent(e.Participant?.Value, e.Metadata, e.Name, ActorResource.From(e.By)) { Seq = seq, At = at },
            RecordingChanged e => RecordingChangedEvent.From(e, seq, at),
            ParticipantRecordingChanged e => new ParticipantRecordingChangedEvent(
                e.Participant.Value, e.State, e.Policy, e.Consent, ActorResource.From(e.By))
            { Seq = seq, At = at },
            _ => null,
        };
    }

    private static DepartureReason ReasonOf(LeaveReason reason) => reason switch
    {
        LeaveReason.Kicked => DepartureReason.Kicked,
        LeaveReason.Timeout => DepartureReason.Timeout,
        LeaveReason.DuplicateIdentity => DepartureReason.Replaced,
        LeaveReason.RoomClosed => DepartureReason.RoomClosed,
        LeaveReason.TokenExpired => DepartureReason.TokenExpired,
        LeaveReason.ServerShutdown => DepartureReason.ServerShutdown,
        LeaveReason.Refused => DepartureReason.Refused,
        LeaveReason.NodeLost => DepartureReason.NodeLost,
        LeaveReason.ConnectionFailed => DepartureReason.ConnectionFailed,
        _ => DepartureReason.ClientLeft,
    };
}
