namespace Sfu.Recordings;

/// <summary>A room's recording as the room and its clients know it; kept in the room's log. The owner of the recording has more.</summary>
/// <param name="Id">The recording.</param>
/// <param name="Version">Rises with each change; an older one than the room has is ignored.</param>
/// <param name="State">What clients are told.</param>
/// <param name="Policy">Under which it runs.</param>
/// <param name="Consent">Whether participants must agree first.</param>
/// <param name="Cause">Why it is suspended or failed; null otherwise.</param>
/// <param name="Pause">Why it is paused; null otherwise.</param>
[GenerateSerializer, Immutable]
public sealed record RoomRecording(
    Guid Id, long Version, RoomRecordingState State, RecordingPolicy Policy, ConsentMode Consent, RecordingCause? Cause = null, PauseReason? Pause = null)
{
    /// <summary>Participants that are paused by themselves, by the id that each had when it was paused; the room's own pause is in <see cref="State"/>.</summary>
    [Id(0)] public IReadOnlyList<Rooms.ParticipantId> PausedParticipants { get; init; } = [];

    /// <summary>Their identities: who joins again with one of them is paused too.</summary>
    [Id(1)] public IReadOnlyList<string> PausedIdentities { get; init; } = [];

    /// <summary>It goes on: recorded, paused or held.</summary>
    public bool IsLive => State is RoomRecordingState.Recording or RoomRecordingState.Paused or RoomRecordingState.Suspended;
}

/// <summary>What clients are told about a room's recording; snake_case on the wire.</summary>
[GenerateSerializer]
public enum RoomRecordingState
{
    /// <summary>Not recorded.</summary>
    Off,

    /// <summary>It is about to be recorded.</summary>
    Starting,

    /// <summary>Recorded.</summary>
    Recording,

    /// <summary>The whole room is paused.</summary>
    Paused,

    /// <summary>It cannot be recorded at this moment; under <see cref="RecordingPolicy.Required"/> its media is held.</summary>
    Suspended,

    /// <summary>It could not be recorded (any longer).</summary>
    Failed,
}
