namespace Sfu.Recorder.Evidence;

/// <summary>A time for which the room's events explain missing media.</summary>
/// <param name="Track">The track, or 0 for all tracks.</param>
/// <param name="Cause">What the events say.</param>
/// <param name="FromMicroseconds">Begin, microseconds since 1970.</param>
/// <param name="ToMicroseconds">End; <see cref="long.MaxValue"/> while it lasts.</param>
public readonly record struct DeclaredSpan(uint Track, GapCause Cause, long FromMicroseconds, long ToMicroseconds)
{
    /// <summary>Microseconds that it shares with a time.</summary>
    public long Overlap(long from, long to) => Math.Max(0, Math.Min(to, ToMicroseconds) - Math.Max(from, FromMicroseconds));
}
