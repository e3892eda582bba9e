using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>How long datagrams were on their way through a worker: from when the oldest of its turn can have arrived in the socket to the
/// call that sent them. Never less than the truth.</summary>
/// <remarks>Owned by one media worker; fixed memory. Turns that received nothing are not counted: what they send did not wait.</remarks>
internal sealed class ForwardDelays
{
    /// <summary>Upper bounds of the buckets in seconds; one more has none.</summary>
    internal static readonly double[] Bounds = [0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

    private static readonly long[] BoundNanoseconds = [.. Bounds.Select(bound => (long)Math.Round(bound * 1e9))];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private readonly long[] _nanoseconds = new long[Bounds.Length + 1];
    private MediaTime _since = MediaTime.Never;

    /// <summary>The turn has received something.</summary>
    /// <param name="since">When the oldest of it can have arrived.</param>
    internal void BeginTurn(MediaTime since) => _since = since;

    /// <summary>The turn is over.</summary>
    internal void EndTurn() => _since = MediaTime.Never;

    /// <summary>Datagrams of the turn were sent.</summary>
    /// <param name="at">Before the first call that sent them.</param>
    /// <param name="datagrams">Their number.</param>
    internal void OnSent(MediaTime at, long datagrams)
    {
        if (_since.IsNever || datagrams == 0) return;
        long nanoseconds = Math.Max(0, at.Nanoseconds - _since.Nanoseconds);
        int bucket = 0;
        while (bucket < BoundNanoseconds.Length && nanoseconds > BoundNanoseconds[bucket]) bucket++;
        _counts[bucket] += datagrams;
        _nanoseconds[bucket] += nanoseconds * datagrams;
    }

    /// <summary>A copy: datagrams by bucket, and the sum of their delays in seconds by bucket.</summary>
    internal (long[] Counts, double[] Seconds) Copy() => ([.. _counts], [.. _nanoseconds.Select(sum => sum / 1e9)]);
}
