using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>Log messages of recordings; event ids 4300-4399.</summary>
internal static partial class RecordingLog
{
    [LoggerMessage(4301, LogLevel.Information, "Recording {Recording} of {Room}: {Before} to {After} ({Cause}, {EndReason})")]
    public static partial void PhaseChanged(
        this ILogger logger, Guid recording, RoomKey room, RecordingPhase before, RecordingPhase after, RecordingCause? cause, RecordingEndReason? endReason);

    [LoggerMessage(4302, LogLevel.Warning, "Recordings of {Room} are owned by another activation; epoch {Epoch} gives up")]
    public static partial void RecordingsSuperseded(this ILogger logger, RoomKey room, long epoch);

    [LoggerMessage(4303, LogLevel.Error, "Recordings of {Room} could not be written or read")]
    public static partial void RecordingStoreFailed(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4304, LogLevel.Error, "Recording {Recording}: the recorder did not carry out {Command}")]
    public static partial void RecorderFailed(this ILogger logger, Exception cause, Guid recording, string command);

    [LoggerMessage(4305, LogLevel.Warning, "Room {Room} could not be told of its recording {Recording}; trying again")]
    public static partial void RoomNotTold(this ILogger logger, Exception cause, RoomKey room, Guid recording);

    [LoggerMessage(4306, LogLevel.Warning, "Room {Room} must be recorded and cannot be: {Cause}")]
    public static partial void RecordingRefused(this ILogger logger, RoomKey room, RecordingCause cause);

    [LoggerMessage(4307, LogLevel.Warning, "The owner of the recordings of {Room} could not be told of a change; it finds out by itself")]
    public static partial void OwnerNotTold(this ILogger logger, Exception cause, RoomKey room);

    [LoggerMessage(4308, LogLevel.Warning, "The recorder of this node is {State}")]
    public static partial void RecorderIs(this ILogger logger, string state);

    [LoggerMessage(4310, LogLevel.Information, "{Rooms} rooms with open recordings were taken over at start, {Orphans} recordings without owner were sealed")]
    public static partial void RecordingsSwept(this ILogger logger, int rooms, int orphans);

    [LoggerMessage(4311, LogLevel.Error, "Open recordings could not be taken over; trying again in {RetryAfter}")]
    public static partial void RecordingsNotSwept(this ILogger logger, Exception cause, TimeSpan retryAfter);

    [LoggerMessage(4320, LogLevel.Information, "Derivation {Derivation} of recording {Recording}: {State}")]
    public static partial void DerivationChanged(this ILogger logger, Guid derivation, Guid recording, DerivationState state);

    [LoggerMessage(4321, LogLevel.Error, "Derivation {Derivation} of recording {Recording} failed")]
    public static partial void DerivationFailed(this ILogger logger, Exception cause, Guid derivation, Guid recording);

    [LoggerMessage(4322, LogLevel.Error, "Derivations could not be read; trying again in {RetryAfter}")]
    public static partial void DerivationsFailed(this ILogger logger, Exception cause, TimeSpan retryAfter);

    [LoggerMessage(4326, LogLevel.Warning, "Derivation {Derivation} of recording {Recording} was not made: {Reason}")]
    public static partial void DerivationRefused(this ILogger logger, Guid derivation, Guid recording, string reason);

    [LoggerMessage(4324, LogLevel.Error, "sfu-derive ended with {ExitCode}: {Error} {Said}")]
    public static partial void DeriverFailed(this ILogger logger, int exitCode, string error, string said);

    [LoggerMessage(4325, LogLevel.Warning, "What a derivation left in {Folder} could not be removed")]
    public static partial void DerivedNotRemoved(this ILogger logger, Exception cause, string folder);

    [LoggerMessage(4323, LogLevel.Error, "The verifier did not answer for {Folder}")]
    public static partial void VerifierDidNotAnswer(this ILogger logger, Exception cause, string folder);
}
