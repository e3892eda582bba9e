namespace Sfu.Router.Overload;

/// <summary>How often a worker went to each step, and why.</summary>
/// <remarks>Owned by one media worker.</remarks>
internal sealed class ShedCounts
{
    private static readonly int Causes = Enum.GetValues<ShedCause>().Length;

    private readonly long[] _counts = new long[Enum.GetValues<ShedStep>().Length * Causes];

    /// <summary>Where a step and a cause are in <see cref="ToArray"/>.</summary>
    internal static int IndexOf(ShedStep step, ShedCause cause) => (int)step * Causes + (int)cause;

    /// <summary>Counts one change.</summary>
    internal void Add(ShedStep step, ShedCause cause) => _counts[IndexOf(step, cause)]++;

    /// <summary>A copy, by <see cref="IndexOf"/>.</summary>
    internal long[] ToArray() => [.. _counts];
}
