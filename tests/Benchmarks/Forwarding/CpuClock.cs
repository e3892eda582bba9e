using System.Diagnostics;
using Sfu.Router.Transport.Native;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>CPU time of the calling thread: a neighbour that takes the core is not counted, only what it leaves in the caches.</summary>
internal static unsafe class CpuClock
{
    private const int ThreadCpuTime = 3;                   // CLOCK_THREAD_CPUTIME_ID
    private const int Blocks = 25;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);     // until the runtime has replaced what it compiled in haste

    /// <summary>Median time of one of the things that a block does, in nanoseconds.</summary>
    /// <param name="perBlock">How many it does; some thousands, or reading the clock counts.</param>
    /// <param name="prepare">Run before each block, not measured.</param>
    /// <param name="block">What is measured.</param>
    public static double Measure(int perBlock, Action prepare, Action block)
    {
        var times = new double[Blocks];
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            prepare();
            block();
        }

        for (int i = 0; i < Blocks; i++)
        {
            prepare();
            long before = Now;
            block();
            times[i] = (double)(Now - before) / perBlock;
        }

        Array.Sort(times);
        return times[Blocks / 2];
    }

    private static long Now
    {
        get
        {
            TimeSpec time;
            _ = LibC.ClockGetTime(ThreadCpuTime, &time);
            return time.Seconds * 1_000_000_000 + time.Nanoseconds;
        }
    }
}
