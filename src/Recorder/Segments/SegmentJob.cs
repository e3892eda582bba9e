using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Segments;

/// <summary>One segment to write.</summary>
/// <param name="Info">The recording.</param>
/// <param name="Node">This node.</param>
/// <param name="No">Number of the segment, from 1.</param>
/// <param name="Previous">The hash before its first chunk.</param>
/// <param name="Chunks">Its chunks.</param>
/// <param name="IsPartial">Closed by recovery.</param>
/// <param name="Tracks">Tracks so far.</param>
/// <param name="Interruptions">Interruptions so far.</param>
internal sealed record SegmentJob(
    RecordingInfo Info, string Node, int No, ChainHash Previous, IReadOnlyList<ChunkRef> Chunks, bool IsPartial,
    IReadOnlyList<TrackInfo> Tracks, IReadOnlyList<Interruption> Interruptions);
