using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>Numbers that are missing, or a silence, with its time.</summary>
/// <param name="Track">The track.</param>
/// <param name="Ssrc">The stream.</param>
/// <param name="Range">The numbers; meaningless for a silence.</param>
/// <param name="FromMicroseconds">Begin, microseconds since 1970.</param>
/// <param name="Milliseconds">Media time.</param>
internal readonly record struct LostRange(uint Track, uint Ssrc, SequenceRange Range, long FromMicroseconds, long Milliseconds)
{
    /// <summary>End, microseconds since 1970.</summary>
    internal long ToMicroseconds => FromMicroseconds + Milliseconds * 1000;
}
