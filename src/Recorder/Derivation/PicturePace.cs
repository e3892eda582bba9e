namespace Sfu.Recorder.Derivation;

/// <summary>When the next picture of a composite may come: so many a second on average, closer ones for a moment (the virtual scheduling of
/// ITU-T I.371, "GCRA").</summary>
/// <param name="framesPerSecond">On average.</param>
internal sealed class PicturePace(int framesPerSecond)
{
    private const long Second = 1_000_000_000;
    private const long Closest = 8_000_000;            // ns: no screen shows more
    private readonly long _each = Second / framesPerSecond;
    private readonly long _ahead = 4 * Second / framesPerSecond;
    private long _due;                                 // of the next, if all were evenly spaced

    /// <summary>A picture comes; it was allowed.</summary>
    /// <param name="at">When, in nanoseconds.</param>
    /// <returns>The earliest time of the next one.</returns>
    public long Take(long at)
    {
        _due = Math.Max(_due, at) + _each;
        return Math.Max(at + Math.Min(Closest, _each), _due - _ahead);
    }
}
