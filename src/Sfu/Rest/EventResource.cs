using System.Text.Json.Serialization;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Something that happened in a room. Numbers rise and may skip; they go on when a room is created again.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RoomCreatedEvent), "room_created")]
[JsonDerivedType(typeof(RoomUpdatedEvent), "room_updated")]
[JsonDerivedType(typeof(RoomLockedEvent), "room_locked")]
[JsonDerivedType(typeof(RoomClosedEvent), "room_closed")]
[JsonDerivedType(typeof(ParticipantWaitingEvent), "participant_waiting")]
[JsonDerivedType(typeof(ParticipantJoinedEvent), "participant_joined")]
[JsonDerivedType(typeof(ParticipantLeftEvent), "participant_left")]
[JsonDerivedType(typeof(TrackPublishedEvent), "track_published")]
[JsonDerivedType(typeof(TrackUpdatedEvent), "track_updated")]
[JsonDerivedType(typeof(TrackMutedEvent), "track_muted")]
[JsonDerivedType(typeof(TrackUnpublishedEvent), "track_unpublished")]
[JsonDerivedType(typeof(MetadataEvent), "metadata")]
[JsonDerivedType(typeof(RecordingChangedEvent), "recording")]
[JsonDerivedType(typeof(ParticipantRecordingChangedEvent), "participant_recording")]
[JsonDerivedType(typeof(RecordingStepEvent), "recording_step")]
public abstract record EventResource
{
    /// <summary>Number of the event, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was decided, Unix milliseconds.</summary>
    public required long At { get; init; }
}

/// <summary>Settings of a room.</summary>
/// <param name="MaxParticipants">Most participants at once.</param>
/// <param name="EmptyTimeoutMs">How long the room lives when nobody ever joined, in milliseconds.</param>
/// <param name="DepartureTimeoutMs">How long the room lives after the last participant left, in milliseconds.</param>
/// <param name="Lobby">Participants without `roomAdmin` wait until they are admitted.</param>
/// <param name="Metadata">Free text of the application.</param>
/// <param name="Recording">Whether the room is recorded.</param>
/// <param name="Consent">Whether participants must agree before they are recorded.</param>
public sealed record RoomSettingsResource(
    int MaxParticipants, long EmptyTimeoutMs, long DepartureTimeoutMs, bool Lobby, string Metadata, RecordingPolicy Recording, ConsentMode Consent)
{
    internal static RoomSettingsResource From(RoomSettings settings) => new(
        settings.MaxParticipants,
        (long)settings.EmptyTimeout.TotalMilliseconds,
        (long)settings.DepartureTimeout.TotalMilliseconds,
        settings.Lobby,
        settings.Metadata,
        settings.Recording,
        settings.Consent);
}

/// <summary>The room exists from here.</summary>
/// <param name="RoomId">Id of this life of the room.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="By">Who created it.</param>
public sealed record RoomCreatedEvent(string RoomId, RoomSettingsResource Settings, ActorResource By) : EventResource;

/// <summary>The room's settings changed.</summary>
/// <param name="Settings">All settings, as they are now.</param>
/// <param name="By">Who changed them.</param>
public sealed record RoomUpdatedEvent(RoomSettingsResource Settings, ActorResource By) : EventResource;

/// <summary>The room was locked or unlocked for new participants.</summary>
/// <param name="Locked">True: locked.</param>
/// <param name="By">Who did it.</param>
public sealed record RoomLockedEvent(bool Locked, ActorResource By) : EventResource;

/// <summary>The room ended; everybody left before.</summary>
/// <param name="Reason">Why.</param>
/// <param name="By">Who ended it.</param>
public sealed record RoomClosedEvent(RoomCloseReason Reason, ActorResource By) : EventResource;

/// <summary>Somebody waits in the lobby.</summary>
/// <param name="Participant">Who.</param>
public sealed record ParticipantWaitingEvent(ParticipantResource Participant) : EventResource;

/// <summary>Somebody is in the room.</summary>
/// <param name="Participant">Who.</param>
/// <param name="AdmittedBy">Who let it in from the lobby; absent when it joined directly.</param>
public sealed record ParticipantJoinedEvent(
    ParticipantResource Participant,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ActorResource? AdmittedBy = null) : EventResource;

/// <summary>Somebody left the room or the lobby.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">Text of who removed it, or of the client; may be empty.</param>
/// <param name="By">Who caused it.</param>
public sealed record ParticipantLeftEvent(string Participant, string Identity, DepartureReason Reason, string Detail, ActorResource By) : EventResource;

/// <summary>A track is there.</summary>
/// <param name="Track">The track.</param>
public sealed record TrackPublishedEvent(TrackResource Track) : EventResource;

/// <summary>A track's name, source or codec changed.</summary>
/// <param name="Track">The track as it is now.</param>
public sealed record TrackUpdatedEvent(TrackResource Track) : EventResource;

/// <summary>A track was muted or opened.</summary>
/// <param name="Track">Its id.</param>
/// <param name="Participant">Id of its owner.</param>
/// <param name="Muted">True: muted.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who did it.</param>
public sealed record TrackMutedEvent(string Track, string Participant, bool Muted, MuteReason Reason, ActorResource By) : EventResource;

/// <summary>A track is gone.</summary>
/// <param name="Track">Its id.</param>
/// <param name="Participant">Id of its owner.</param>
/// <param name="Reason">Why.</param>
public sealed record TrackUnpublishedEvent(string Track, string Participant, UnpublishReason Reason) : EventResource;

/// <summary>Metadata or name changed.</summary>
/// <param name="Participant">Id of whose; null for the room's.</param>
/// <param name="Metadata">The new value.</param>
/// <param name="Name">The participant's name; absent for the room.</param>
/// <param name="By">Who changed it.</param>
public sealed record MetadataEvent(
    string? Participant,
    string Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    ActorResource By) : EventResource;

/// <summary>Part of a room's events.</summary>
/// <param name="Events">In order.</param>
/// <param name="Next">The `after` of the next page; ask again with it at any time.</param>
/// <param name="LastSeq">The last number the log has: more can be read at once while it is above `next`.</param>
public sealed record EventList(IReadOnlyList<EventResource> Events, long Next, long LastSeq);

/// <summary>Why a participant left; the words of `docs/signalling.md`.</summary>
public enum DepartureReason
{
    /// <summary>It said so, or closed its connection in order.</summary>
    ClientLeft,

    /// <summary>A host or a back end removed it.</summary>
    Kicked,

    /// <summary>Nothing was heard from it for the time-out.</summary>
    Timeout,

    /// <summary>The same identity joined again.</summary>
    Replaced,

    /// <summary>The room was deleted.</summary>
    RoomClosed,

    /// <summary>Its token ended and tokens are set to end calls.</summary>
    TokenExpired,

    /// <summary>The server that carried it stopped in order.</summary>
    ServerShutdown,

    /// <summary>A host or a back end refused it in the lobby.</summary>
    Refused,

    /// <summary>The server that carried it died.</summary>
    NodeLost,

    /// <summary>Its media connection could not be made.</summary>
    ConnectionFailed,
}
