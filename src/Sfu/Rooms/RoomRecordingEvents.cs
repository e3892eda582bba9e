using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>The room's recording is another, or stands elsewhere.</summary>
/// <param name="Recording">As it is now, complete.</param>
/// <param name="States">Participants whose recording state changed with it.</param>
[GenerateSerializer, Immutable]
public sealed record RecordingChanged(RoomRecording Recording, IReadOnlyList<ParticipantRecording> States) : RoomEvent;

/// <summary>Whether one participant is recorded.</summary>
[GenerateSerializer, Immutable]
public sealed record ParticipantRecording(ParticipantId Participant, ParticipantRecordingState State);

/// <summary>A participant agreed, refused, or has another policy.</summary>
/// <param name="Participant">Who.</param>
/// <param name="Policy">Its own policy from here; null = as the room.</param>
/// <param name="Consent">Whether it agreed; null = it did not say.</param>
/// <param name="State">Whether it is recorded from here.</param>
/// <param name="By">Who said so: itself, or a back end.</param>
[GenerateSerializer, Immutable]
public sealed record ParticipantRecordingChanged(
    ParticipantId Participant, RecordingPolicy? Policy, bool? Consent, ParticipantRecordingState State, RoomActor By) : RoomEvent;
