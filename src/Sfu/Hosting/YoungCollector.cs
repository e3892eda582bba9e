namespace Sfu.Hosting;

/// <summary>Has the garbage of a steady call collected often and early, so that each collection is short.</summary>
/// <remarks>
/// A collection stops the packets for about as long as it takes to walk what was written into old objects since the last one: with 650 participants 1.2 to
/// 1.5 ms after a second, 1.6 to 2.7 after five, 3 to 7 after half a minute, which is when the runtime would collect of itself, in the midst of other work. How
/// much it lets gather follows from the processor's cache besides, 2 MB here and 16 there, and until then the process grows, which nobody can tell from a leak.
/// Now and then the next generation goes too, while it is small. Whatever makes more garbage than this is left to the runtime: joins, most of all.
/// </remarks>
internal sealed class YoungCollector(TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How often it looks, and so how often it collects at most.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of garbage that may gather: an idle process is left alone.</summary>
    internal const long Budget = 256 << 10;

    /// <summary>Of so many collections one takes generation 1 too.</summary>
    internal const int Deeper = 12;

    private ITimer? _timer;
    private long _allocated;
    private int _collections = -1;
    private int _own;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        (_collections, _allocated) = (GC.CollectionCount(0), GC.GetTotalAllocatedBytes());
        _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        long allocated = GC.GetTotalAllocatedBytes();      // to within 8 kB for each thread, and stops none
        if (!IsDue(allocated, GC.CollectionCount(0))) return;
        GC.Collect(NextGeneration(), GCCollectionMode.Forced, blocking: true);
        (_collections, _allocated) = (GC.CollectionCount(0), allocated);
    }

    /// <summary>Up to which generation the next collection goes.</summary>
    internal int NextGeneration() => ++_own % Deeper == 0 ? 1 : 0;

    /// <summary>Whether to collect now.</summary>
    /// <param name="allocated">Bytes that were allocated since the start.</param>
    /// <param name="collections">Collections since the start.</param>
    internal bool IsDue(long allocated, int collections)
    {
        if (collections == _collections) return allocated - _allocated >= Budget;
        (_collections, _allocated) = (collections, allocated);   // the runtime has collected: what gathered since then is not known, and little
        return false;
    }
}
