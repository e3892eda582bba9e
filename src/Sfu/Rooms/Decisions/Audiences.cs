namespace Sfu.Rooms.Decisions;

/// <summary>Who may see an event: nobody learns of hidden participants, only hosts see the lobby.</summary>
internal static class Audiences
{
    /// <summary>The audience of an event that is about to follow a state.</summary>
    public static EventAudience Of(RoomState before, RoomEvent roomEvent) => roomEvent switch
    {
        RoomCreated or RoomUpdated => EventAudience.BackEnd,
        RoomLocked or RoomClosed => EventAudience.Everyone,
        SessionResumed or SessionConfirmed => EventAudience.Internal,
        ParticipantWaiting e => e.Participant.Rights.Hidden ? EventAudience.BackEnd : EventAudience.Admins,
        ParticipantJoined e => InRoom(e.Participant),
        ParticipantAdmitted e => InRoom(e.Participant),
        ParticipantLeft e => About(before, e.Participant),
        TrackPublished e => About(before, e.Track.Participant),
        TrackUpdated e => About(before, e.Track.Participant),
        TrackMuted e => About(before, e.Participant),
        TrackUnpublished e => About(before, e.Participant),
        MetadataChanged { Participant: { } id } => About(before, id),
        MetadataChanged or RecordingChanged => EventAudience.Everyone,
        ParticipantRecordingChanged e => About(before, e.Participant),
        _ => EventAudience.Internal,
    };

    private static EventAudience InRoom(Participant participant) =>
        participant.Rights.Hidden ? EventAudience.BackEnd : EventAudience.Everyone;

    private static EventAudience About(RoomState before, ParticipantId id) => before.Find(id) switch
    {
        { Rights.Hidden: true } => EventAudience.BackEnd,
        { State: ParticipantState.Waiting } => EventAudience.Admins,
        _ => EventAudience.Everyone,
    };
}
