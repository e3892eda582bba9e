using System.Globalization;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>Something that is not in the archive, and why.</summary>
/// <param name="Track">Track number; 0 = the whole recording.</param>
/// <param name="Ssrc">The stream, or null for all of the track.</param>
/// <param name="Cause">Why.</param>
/// <param name="FromMicroseconds">Begin, microseconds since 1970.</param>
/// <param name="ToMicroseconds">End, microseconds since 1970.</param>
/// <param name="Milliseconds">Media time.</param>
/// <param name="Numbers">Missing numbers, or null.</param>
public sealed record Gap(uint Track, uint? Ssrc, GapCause Cause, long FromMicroseconds, long ToMicroseconds, long Milliseconds, SequenceRange? Numbers)
{
    /// <summary>As the sealed manifest lists it.</summary>
    public GapEntry ToEntry() => new(
        Track, Ssrc?.ToString("x8", CultureInfo.InvariantCulture), Cause.Name(), ManifestJson.Utc(FromMicroseconds), ManifestJson.Utc(ToMicroseconds), Milliseconds,
        Numbers?.First, Numbers?.Last, Numbers?.Count ?? 0);
}
