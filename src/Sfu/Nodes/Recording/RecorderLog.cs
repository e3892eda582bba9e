namespace Sfu.Nodes.Recording;

/// <summary>Log entries of the recorder's host: event ids 3190 to 3199.</summary>
internal static partial class RecorderLog
{
    [LoggerMessage(3190, LogLevel.Information, "The recorder runs in {Folder}; {Recovered} recordings were left open and go on")]
    public static partial void RecorderStarted(this ILogger logger, string folder, int recovered);

    [LoggerMessage(3191, LogLevel.Error, "The recorder cannot be started; it is tried again")]
    public static partial void RecorderNotStarted(this ILogger logger, Exception cause);

    [LoggerMessage(3192, LogLevel.Error, "A track of recording {Recording} could not be attached to the recorder")]
    public static partial void TrackNotAttached(this ILogger logger, Exception cause, Guid recording);

    [LoggerMessage(3194, LogLevel.Warning, "What is known of track {Track} of recording {Recording} could not be told to the recorder")]
    public static partial void TrackNotUpdated(this ILogger logger, Exception cause, uint track, Guid recording);

    [LoggerMessage(3193, LogLevel.Warning, "Recording {Recording} is {State}: {Cause}")]
    public static partial void RecordingHealth(this ILogger logger, Guid recording, string state, string cause);

    [LoggerMessage(EventId = 3195, Message = "The recordings' disk is {Percent:0.0} % full, {FreeMiB} MiB are free: {Effect} (Sfu:Recording:Disk)")]
    public static partial void DiskLevelChanged(this ILogger logger, LogLevel severity, double percent, long freeMiB, string effect);

    [LoggerMessage(3196, LogLevel.Error, "How full the disk of {Folder} is cannot be told; its limits stay as they are")]
    public static partial void DiskNotMeasured(this ILogger logger, Exception cause, string folder);
}
