using System.Text.Json.Serialization;

namespace Sfu.Rooms;

/// <summary>One entry of a room's log: what happened, numbered. Numbers have no gaps and continue when a room is created again.</summary>
/// <param name="Seq">From 1, per room key.</param>
/// <param name="At">When it was decided, by the server's wall clock.</param>
/// <param name="Audience">Who may see it.</param>
/// <param name="Event">What happened.</param>
[GenerateSerializer, Immutable]
public sealed record LoggedEvent(long Seq, DateTimeOffset At, EventAudience Audience, RoomEvent Event);

/// <summary>Who may see an event.</summary>
[GenerateSerializer]
public enum EventAudience
{
    /// <summary>Everybody in the room.</summary>
    Everyone,

    /// <summary>Participants with <c>roomAdmin</c>, and the back end.</summary>
    Admins,

    /// <summary>Only the back end: what concerns hidden participants, and settings.</summary>
    BackEnd,

    /// <summary>Nobody: the server's own book-keeping.</summary>
    Internal,
}

/// <summary>Something that happened in a room: the only way its state changes. The name under <c>kind</c> is stored and never changes its meaning.</summary>
[GenerateSerializer, Immutable]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RoomCreated), "room_created")]
[JsonDerivedType(typeof(RoomUpdated), "room_updated")]
[JsonDerivedType(typeof(RoomLocked), "room_locked")]
[JsonDerivedType(typeof(RoomClosed), "room_closed")]
[JsonDerivedType(typeof(ParticipantWaiting), "participant_waiting")]
[JsonDerivedType(typeof(ParticipantJoined), "participant_joined")]
[JsonDerivedType(typeof(ParticipantAdmitted), "participant_admitted")]
[JsonDerivedType(typeof(ParticipantLeft), "participant_left")]
[JsonDerivedType(typeof(SessionResumed), "session_resumed")]
[JsonDerivedType(typeof(SessionConfirmed), "session_confirmed")]
[JsonDerivedType(typeof(TrackPublished), "track_published")]
[JsonDerivedType(typeof(TrackUpdated), "track_updated")]
[JsonDerivedType(typeof(TrackMuted), "track_muted")]
[JsonDerivedType(typeof(TrackUnpublished), "track_unpublished")]
[JsonDerivedType(typeof(MetadataChanged), "metadata")]
[JsonDerivedType(typeof(RecordingChanged), "recording")]
[JsonDerivedType(typeof(ParticipantRecordingChanged), "participant_recording")]
public abstract record RoomEvent;

/// <summary>The room exists from here.</summary>
/// <param name="RoomId">Id of this life of the room (<c>RM_</c>...).</param>
/// <param name="Settings">Its settings, complete.</param>
/// <param name="By">Who created it.</param>
[GenerateSerializer, Immutable]
public sealed record RoomCreated(string RoomId, RoomSettings Settings, RoomActor By) : RoomEvent;

/// <summary>The room's settings changed.</summary>
[GenerateSerializer, Immutable]
public sealed record RoomUpdated(RoomSettings Settings, RoomActor By) : RoomEvent;

/// <summary>The room was locked or unlocked for new participants.</summary>
[GenerateSerializer, Immutable]
public sealed record RoomLocked(bool Locked, RoomActor By) : RoomEvent;

/// <summary>The room ended; everybody left before, with <see cref="LeaveReason.RoomClosed"/>.</summary>
[GenerateSerializer, Immutable]
public sealed record RoomClosed(RoomCloseReason Reason, RoomActor By) : RoomEvent;

/// <summary>Somebody waits in the lobby; ends with <see cref="ParticipantAdmitted"/> or <see cref="ParticipantLeft"/>.</summary>
[GenerateSerializer, Immutable]
public sealed record ParticipantWaiting(Participant Participant) : RoomEvent;

/// <summary>Somebody joined directly.</summary>
[GenerateSerializer, Immutable]
public sealed record ParticipantJoined(Participant Participant) : RoomEvent;

/// <summary>Somebody who waited joined; clients see it as <c>participant_joined</c>.</summary>
/// <param name="Participant">As it is from now on.</param>
/// <param name="By">Who admitted it.</param>
[GenerateSerializer, Immutable]
public sealed record ParticipantAdmitted(Participant Participant, RoomActor By) : RoomEvent;

/// <summary>Somebody left the room or the lobby; its tracks were unpublished before.</summary>
/// <param name="Participant">Who.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">Text of the one who kicked or of the client; may be empty.</param>
/// <param name="By">Who caused it.</param>
[GenerateSerializer, Immutable]
public sealed record ParticipantLeft(
    ParticipantId Participant, string Identity, LeaveReason Reason, string Detail, RoomActor By) : RoomEvent;

/// <summary>A session continued on another socket; its secret was replaced.</summary>
/// <param name="Participant">Whose.</param>
/// <param name="SecretHash">SHA-256 of the new secret.</param>
/// <param name="Node">The process that carries its media from here.</param>
/// <param name="ShownHash">SHA-256 of the secret that the client showed; good until <see cref="SessionConfirmed"/>. Empty in logs of before.</param>
[GenerateSerializer, Immutable]
public sealed record SessionResumed(ParticipantId Participant, string SecretHash, string Node, string ShownHash = "") : RoomEvent;

/// <summary>The client has shown that it knows its newest secret: the one before is good no more.</summary>
/// <param name="Participant">Whose.</param>
[GenerateSerializer, Immutable]
public sealed record SessionConfirmed(ParticipantId Participant) : RoomEvent;

/// <summary>A track is there.</summary>
[GenerateSerializer, Immutable]
public sealed record TrackPublished(Track Track) : RoomEvent;

/// <summary>A track's name, source or codec changed.</summary>
[GenerateSerializer, Immutable]
public sealed record TrackUpdated(Track Track) : RoomEvent;

/// <summary>A track was muted or opened.</summary>
/// <param name="Track">Which.</param>
/// <param name="Participant">Its owner.</param>
/// <param name="Muted">True: nothing is forwarded from here.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who did it.</param>
[GenerateSerializer, Immutable]
public sealed record TrackMuted(TrackId Track, ParticipantId Participant, bool Muted, MuteReason Reason, RoomActor By) : RoomEvent;

/// <summary>A track is gone.</summary>
[GenerateSerializer, Immutable]
public sealed record TrackUnpublished(TrackId Track, ParticipantId Participant, UnpublishReason Reason) : RoomEvent;

/// <summary>Metadata or name changed.</summary>
/// <param name="Participant">Whose, or null for the room's.</param>
/// <param name="Metadata">The new value, complete.</param>
/// <param name="Name">The participant's new name, complete; null for the room.</param>
/// <param name="By">Who changed it.</param>
[GenerateSerializer, Immutable]
public sealed record MetadataChanged(ParticipantId? Participant, string Metadata, string? Name, RoomActor By) : RoomEvent;
