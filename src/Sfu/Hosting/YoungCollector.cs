namespace Sfu.Hosting;

/// <summary>Has the garbage of a quiet process collected before the runtime would, which lets much more of it gather.</summary>
/// <remarks>
/// How much garbage the runtime lets gather follows from the processor's cache: 16 MB on small machines, hundreds on large ones. A steady call makes some ten
/// kilobytes a second, so that the process would grow for minutes or hours into memory that it never had, which nobody can tell from a leak. The youngest
/// generation is collected in half a millisecond when little of it is alive. Whatever makes more garbage than this is left to the runtime: joins, most of all.
/// </remarks>
internal sealed class YoungCollector(TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How often it looks, and so how often it collects at most.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of garbage that may gather.</summary>
    internal const long Budget = 4 << 20;

    private ITimer? _timer;
    private long _allocated;
    private int _collections = -1;

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
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        (_collections, _allocated) = (GC.CollectionCount(0), allocated);
    }

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
