namespace Sfu.Media.Tests;

/// <summary>Measures what a packet costs in memory.</summary>
internal static class Allocations
{
    private const int WarmUp = 1000;

    /// <summary>Bytes that the calling thread allocates for a number of packets, after a thousand that warm up.</summary>
    /// <remarks>The project switches tiered compilation off: a loop that the runtime replaces while it runs is compiled then, on this thread,
    /// and its string literals and handle tables would be counted as the packets'.</remarks>
    public static long Of(int packets, Action<int> each)
    {
        for (int i = 0; i < WarmUp; i++) each(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = WarmUp; i < WarmUp + packets; i++) each(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
