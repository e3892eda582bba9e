using System.Text.Json.Serialization;

namespace Sfu.Signalling.Protocol;

/// <summary>One event of the room, as clients see it (docs/signalling.md section 5).</summary>
/// <param name="Seq">Its number in the room's log.</param>
/// <param name="At">Unix milliseconds.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ParticipantJoinedEvent), "participant_joined")]
[JsonDerivedType(typeof(ParticipantWaitingEvent), "participant_waiting")]
[JsonDerivedType(typeof(ParticipantLeftEvent), "participant_left")]
[JsonDerivedType(typeof(TrackPublishedEvent), "track_published")]
[JsonDerivedType(typeof(TrackUpdatedEvent), "track_updated")]
[JsonDerivedType(typeof(TrackUnpublishedEvent), "track_unpublished")]
[JsonDerivedType(typeof(TrackMutedEvent), "track_muted")]
[JsonDerivedType(typeof(MetadataEvent), "metadata")]
[JsonDerivedType(typeof(RoomLockedEvent), "room_locked")]
[JsonDerivedType(typeof(RoomClosedEvent), "room_closed")]
[JsonDerivedType(typeof(RecordingEventMessage), "recording")]
[JsonDerivedType(typeof(ParticipantRecordingEvent), "participant_recording")]
internal abstract record EventMessage([property: JsonPropertyOrder(-1)] long Seq, [property: JsonPropertyOrder(-1)] long At)
{
    /// <summary>Always <c>event</c>.</summary>
    [JsonPropertyOrder(-2)]
    public string Type { get; } = "event";
}

/// <summary>Somebody joined, directly or from the lobby.</summary>
internal sealed record ParticipantJoinedEvent(long Seq, long At, ParticipantBody Participant) : EventMessage(Seq, At);

/// <summary>Somebody waits in the lobby.</summary>
internal sealed record ParticipantWaitingEvent(long Seq, long At, ParticipantBody Participant) : EventMessage(Seq, At);

/// <summary>Somebody left the room or the lobby.</summary>
internal sealed record ParticipantLeftEvent(long Seq, long At, string Participant, string Identity, string Reason) : EventMessage(Seq, At);

/// <summary>A track is there.</summary>
internal sealed record TrackPublishedEvent(long Seq, long At, TrackBody Track) : EventMessage(Seq, At);

/// <summary>A track's name or source changed.</summary>
internal sealed record TrackUpdatedEvent(long Seq, long At, TrackBody Track) : EventMessage(Seq, At);

/// <summary>A track is gone.</summary>
internal sealed record TrackUnpublishedEvent(long Seq, long At, string Track, string Participant, string Reason) : EventMessage(Seq, At);

/// <summary>A track was muted or opened; <paramref name="By"/> null = the server.</summary>
internal sealed record TrackMutedEvent(long Seq, long At, string Track, string Participant, bool Muted, string? By, string Reason)
    : EventMessage(Seq, At);

/// <summary>Metadata changed; <paramref name="Participant"/> null = the room's.</summary>
internal sealed record MetadataEvent(
    long Seq, long At, string? Participant, string Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name) : EventMessage(Seq, At);

/// <summary>The room was locked or unlocked; <paramref name="By"/> null = the server.</summary>
internal sealed record RoomLockedEvent(long Seq, long At, bool Locked, string? By) : EventMessage(Seq, At);

/// <summary>The room's recording changed.</summary>
/// <param name="Seq">Its number in the room's log.</param>
/// <param name="At">Unix milliseconds.</param>
/// <param name="State">What it is now.</param>
/// <param name="Id">The recording; left out when none began.</param>
/// <param name="Policy">Under which policy.</param>
/// <param name="Consent">Whether participants must agree first.</param>
/// <param name="Reason">Why it is paused, suspended or failed; left out otherwise.</param>
/// <param name="Participants">New states of those whose state changed with it, by id.</param>
internal sealed record RecordingEventMessage(
    long Seq, long At, string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    string Policy, string Consent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    IReadOnlyDictionary<string, string> Participants) : EventMessage(Seq, At);

/// <summary>Whether one participant is recorded changed.</summary>
internal sealed record ParticipantRecordingEvent(long Seq, long At, string Participant, string State) : EventMessage(Seq, At);

/// <summary>The room ended.</summary>
internal sealed record RoomClosedEvent(long Seq, long At, string Reason) : EventMessage(Seq, At);
