namespace Sfu.Recorder.Segments;

/// <summary>A segment that lies complete and synced on the disk; it was read back from the log, checked against the chain and opened.</summary>
/// <param name="Info">The recording.</param>
/// <param name="Facts">What its manifest is made of.</param>
/// <param name="Tracks">Tracks of the recording so far, by number.</param>
/// <param name="Notes">Its records that are no media.</param>
/// <param name="Interruptions">Times of the recording so far in which nothing was recorded.</param>
public sealed record ClosedSegment(
    RecordingInfo Info, SegmentFacts Facts, IReadOnlyList<TrackInfo> Tracks, IReadOnlyList<SegmentNote> Notes, IReadOnlyList<Interruption> Interruptions);
