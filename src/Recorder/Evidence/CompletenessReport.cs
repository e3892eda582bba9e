namespace Sfu.Recorder.Evidence;

/// <summary>What a whole recording holds and lacks.</summary>
/// <param name="Tracks">Its tracks with their counts.</param>
/// <param name="Gaps">What is not there, in the order of time.</param>
/// <param name="GapsOmitted">Gaps beyond the bound, the shortest ones.</param>
/// <param name="Interruptions">When nothing was recorded.</param>
/// <param name="Quality">How much of the talk is there.</param>
public sealed record CompletenessReport(
    IReadOnlyList<TrackEntry> Tracks, IReadOnlyList<Gap> Gaps, int GapsOmitted, IReadOnlyList<InterruptionEntry> Interruptions, QualityEntry Quality);
