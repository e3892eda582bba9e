using System.Text.Json.Serialization;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>One step of a recording, numbered over all recordings of a room key.</summary>
/// <param name="Seq">From 1.</param>
/// <param name="At">When it was decided, by the server's wall clock.</param>
/// <param name="Event">What happened.</param>
internal sealed record RecordingEntry(long Seq, DateTimeOffset At, RecordingEvent Event);

/// <summary>Something that happened to a recording: the only way its state changes. The name under <c>kind</c> is stored.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RecordingPhaseChanged), "recording_phase")]
[JsonDerivedType(typeof(RecordingStarted), "recording_started")]
[JsonDerivedType(typeof(RecordingPaused), "recording_paused")]
[JsonDerivedType(typeof(RecordingResumed), "recording_resumed")]
[JsonDerivedType(typeof(RecordingPolicyChanged), "recording_policy")]
[JsonDerivedType(typeof(RecordingEnding), "recording_ending")]
[JsonDerivedType(typeof(RecordingSealed), "recording_sealed")]
internal abstract record RecordingEvent;

/// <summary>It stands elsewhere.</summary>
/// <param name="Phase">Where.</param>
/// <param name="Cause">Why, when something is wrong.</param>
/// <param name="Node">The process that carries it from here; null = as before.</param>
internal sealed record RecordingPhaseChanged(RecordingPhase Phase, RecordingCause? Cause = null, string? Node = null) : RecordingEvent;

/// <summary>It records.</summary>
/// <param name="StartedAt">Since when.</param>
/// <param name="Folder">Folder of the evidence.</param>
/// <param name="From">What was not recorded before it went on begins here; null when nothing was.</param>
/// <param name="To">And ends here.</param>
internal sealed record RecordingStarted(DateTimeOffset StartedAt, string Folder, DateTimeOffset? From = null, DateTimeOffset? To = null) : RecordingEvent;

/// <summary>A part of it is paused.</summary>
internal sealed record RecordingPaused(PauseSpan Span, RoomActor By) : RecordingEvent;

/// <summary>A pause ended.</summary>
/// <param name="Participant">Whose (<see cref="PauseSpan.Participant"/>); null = the room's.</param>
/// <param name="By">Who ended it; the server, when its time was over.</param>
/// <param name="Identity">The identity that it was of; null = the room's, or not known.</param>
internal sealed record RecordingResumed(ParticipantId? Participant, RoomActor By, string? Identity = null) : RecordingEvent;

/// <summary>Another policy holds.</summary>
internal sealed record RecordingPolicyChanged(RecordingPolicy Policy) : RecordingEvent;

/// <summary>It is to end.</summary>
internal sealed record RecordingEnding(RecordingEndReason Reason, RecordingCause? Cause, RoomActor By) : RecordingEvent;

/// <summary>It is over.</summary>
internal sealed record RecordingSealed(RecordingFacts Facts, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Folder) : RecordingEvent;
