namespace Sfu.Recorder;

/// <summary>A recording that an earlier process left open.</summary>
/// <param name="Info">What it is.</param>
/// <param name="IsEnded">It had come to its end and is being sealed now; else it goes on, with a declared gap, until it is stopped.</param>
/// <param name="LastWallMicroseconds">Until when it was recorded, microseconds since 1970.</param>
/// <param name="Tracks">Its tracks; none of them is written to any more.</param>
public sealed record RecoveredInfo(RecordingInfo Info, bool IsEnded, long LastWallMicroseconds, IReadOnlyList<TrackInfo> Tracks);
