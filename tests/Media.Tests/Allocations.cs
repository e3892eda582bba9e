namespace Sfu.Media.Tests;

/// <summary>Measures what a packet costs in memory.</summary>
internal static class Allocations
{
    private const int WarmUp = 1000;

    /// <summary>Bytes that the calling thread allocates for a number of packets, after a thousand that warm up.</summary>
    /// <remarks>Two things would be counted as the packets': a collection that another test's garbage causes retires this thread's allocation
    /// context, whose unused rest counts as allocated (so these tests are in the collection "alone"); and a loop that the runtime replaces while it
    /// runs is compiled then, on this thread (so the project switches tiered compilation off).</remarks>
    public static long Of(int packets, Action<int> each)
    {
        for (int i = 0; i < WarmUp; i++) each(i);
        GC.Collect();                                      // one in the background would end in between
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = WarmUp; i < WarmUp + packets; i++) each(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
