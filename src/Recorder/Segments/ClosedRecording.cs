using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Segments;

/// <summary>A recording whose last segment was accepted.</summary>
/// <param name="Info">The recording.</param>
/// <param name="Node">The node that wrote it.</param>
/// <param name="EndReason">Why it ended, such as <c>stopped</c>.</param>
/// <param name="EndedWallMicroseconds">When, microseconds since 1970.</param>
/// <param name="Chunks">Chunks of the whole recording.</param>
/// <param name="LastHash">The last link of the chain.</param>
/// <param name="Segments">Segments of this node.</param>
/// <param name="Tracks">All tracks, by number.</param>
/// <param name="Interruptions">Times in which nothing was recorded.</param>
public sealed record ClosedRecording(
    RecordingInfo Info, string Node, string EndReason, long EndedWallMicroseconds, ulong Chunks, ChainHash LastHash, int Segments,
    IReadOnlyList<TrackInfo> Tracks, IReadOnlyList<Interruption> Interruptions);
