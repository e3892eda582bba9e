using System.Runtime.CompilerServices;

namespace Sfu.Media.Tests;

/// <summary>Measures what a packet costs in memory.</summary>
internal static class Allocations
{
    private const int WarmUp = 1000;

    /// <summary>Bytes that the calling thread allocates for a number of packets, after a thousand that warm up.</summary>
    /// <remarks>The loop must be compiled before it runs: a loop that the runtime replaces while it runs makes its string literals then, on
    /// this thread, and they would be counted as the packets'.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Of(int packets, Action<int> each)
    {
        for (int i = 0; i < WarmUp; i++) each(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = WarmUp; i < WarmUp + packets; i++) each(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
