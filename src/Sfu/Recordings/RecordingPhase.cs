namespace Sfu.Recordings;

/// <summary>Where one recording stands (RECORDING.md section 9.3, a single recorder, up to sealed); snake_case on the wire and in the store.
/// That it is paused is told apart: a pause and a fault do not exclude each other.</summary>
[GenerateSerializer]
public enum RecordingPhase
{
    /// <summary>Somebody wants it; nothing was ordered yet.</summary>
    Requested,

    /// <summary>The recorder was ordered to begin.</summary>
    Arming,

    /// <summary>Recorded.</summary>
    Active,

    /// <summary>The recorder has a fault; nothing is held or lost yet.</summary>
    Degraded,

    /// <summary>Nothing is recorded; under <see cref="RecordingPolicy.Required"/> the media is held.</summary>
    Suspended,

    /// <summary>The process that recorded it ended without order.</summary>
    Interrupted,

    /// <summary>Its write-ahead log is read, to go on as the same recording.</summary>
    Recovering,

    /// <summary>It is to end.</summary>
    Stopping,

    /// <summary>The recorder was ordered to seal it.</summary>
    Sealing,

    /// <summary>Over: evidence is complete.</summary>
    Sealed,

    /// <summary>Over: it never began.</summary>
    Refused,
}

/// <summary>The steps that a recording may take.</summary>
internal static class RecordingPhases
{
    /// <summary>True when a phase may follow another one.</summary>
    public static bool MayFollow(RecordingPhase from, RecordingPhase to) => to switch
    {
        RecordingPhase.Requested => false,
        RecordingPhase.Arming => from == RecordingPhase.Requested,
        RecordingPhase.Refused => from == RecordingPhase.Arming,
        RecordingPhase.Active => from is RecordingPhase.Arming or RecordingPhase.Degraded or RecordingPhase.Suspended or RecordingPhase.Recovering,
        RecordingPhase.Degraded => from == RecordingPhase.Active,
        RecordingPhase.Suspended => from is RecordingPhase.Active or RecordingPhase.Degraded or RecordingPhase.Recovering,
        RecordingPhase.Interrupted => IsOpen(from) && from is not (RecordingPhase.Interrupted or RecordingPhase.Requested),
        RecordingPhase.Recovering => from == RecordingPhase.Interrupted,
        RecordingPhase.Stopping => IsOpen(from),
        RecordingPhase.Sealing => from == RecordingPhase.Stopping,
        RecordingPhase.Sealed => from == RecordingPhase.Sealing,
        _ => false,
    };

    /// <summary>It may still record: neither over nor about to be.</summary>
    public static bool IsOpen(RecordingPhase phase) => phase < RecordingPhase.Stopping;

    /// <summary>Nothing of it changes any more.</summary>
    public static bool IsOver(RecordingPhase phase) => phase is RecordingPhase.Sealed or RecordingPhase.Refused;
}
