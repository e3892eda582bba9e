namespace Sfu.Recorder.Wal;

/// <summary>Frame 130: what is needed to go on with a recording after a crash. One with <paramref name="Next"/> is the whole state as it is
/// on the disk at that place of the log; one without adds tracks.</summary>
/// <param name="Info">What the recording is; in a whole state.</param>
/// <param name="Next">Number of the next chunk.</param>
/// <param name="Hash">The hash before it.</param>
/// <param name="Sealed">Chunks before it are in signed segments.</param>
/// <param name="SealedHash">The hash before that chunk.</param>
/// <param name="NextSegment">Number of the segment that begins there.</param>
/// <param name="NextTrack">Number of the next track.</param>
/// <param name="NextEpoch">Lowest key epoch of track 0 that was never used.</param>
/// <param name="Tracks">Tracks, or those that are new or changed.</param>
/// <param name="Interruptions">Times in which nothing was recorded.</param>
internal sealed record OpenedState(
    RecordingInfo? Info, ulong? Next, string? Hash, ulong Sealed, string? SealedHash, int NextSegment, uint NextTrack, uint NextEpoch,
    IReadOnlyList<TrackInfo>? Tracks, IReadOnlyList<Interruption>? Interruptions);
