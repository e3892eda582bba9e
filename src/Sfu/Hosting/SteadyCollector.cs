using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Native;
using Sfu.Nodes.Workers;

namespace Sfu.Hosting;

/// <summary>Has the garbage of a steady call collected often and early, so that each collection is short.</summary>
/// <remarks>
/// A collection stops the packets for about as long as it takes to walk what was written into old objects since the last one: with 650 participants 1.2 to
/// 1.5 ms after a second, 1.6 to 2.7 after five, 3 to 7 after half a minute, which is when the runtime would collect of itself, in the midst of other work. How
/// much it lets gather follows from the processor's cache besides, 2 MB here and 16 there, and until then the process grows, which nobody can tell from a leak.
/// Whatever makes more garbage than this is left to the runtime: joins, most of all.
/// <para>
/// The whole heap is collected in the background, which stops the packets twice for a millisecond; the runtime waits for ten minutes of a steady call with that, and
/// then stops them for 30 to 80 ms. For the thread that collects in the background ends after 20 s without work, and a collection that finds none makes a new
/// one and does not wait for it, but collects at once, with everything stopped (dotnet/runtime#13238, mended after .NET 10). So it is not left without work.
/// </para>
/// <para>
/// A collection waits until each thread that runs managed code has stopped, the packets waiting too, and on a full core such a thread may first have to be given
/// its turn. So it comes half a second away from what the other slow timers do, and that of the whole heap two seconds after the last one, whose finalizers run by then;
/// and when the threads of its own timer have gone to sleep again (<see cref="CollectorThread"/>).
/// </para>
/// </remarks>
internal sealed class SteadyCollector(TimeProvider time, IOptions<MediaOptions> media, WorkerFleet workers) : IHostedService, IDisposable
{
    /// <summary>How often it looks, and so how often it collects at most.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of garbage that may gather: an idle process is left alone.</summary>
    internal const long Budget = 128 << 10;

    /// <summary>Of so many collections one takes generation 1 too.</summary>
    internal const int Deeper = 12;

    /// <summary>How often the whole heap is collected: within the 20 s for which the runtime's thread waits.</summary>
    internal static readonly TimeSpan WholeInterval = 3 * Interval;

    /// <summary>What the runtime calls its thread that collects in the background.</summary>
    internal const string BackgroundThread = ".NET BGC";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>How often is looked whether the background is done, and for how long: it runs before all but the workers meanwhile.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10), Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Collects up to a generation, and waits for it or not; tests look at what is asked for.</summary>
    internal Action<int, bool> Collect { get; init; } = static (generation, waits) => GC.Collect(generation, GCCollectionMode.Forced, waits);

    /// <summary>Has something done; where, tests choose. Else by a <see cref="CollectorThread"/>, which has all that follows to itself.</summary>
    internal Func<Action, bool>? Post { get; init; }

    private CollectorThread? _thread;
    private ITimer? _timer;
    private ITimer? _wholeTimer;
    private long _allocated;
    private long _allocatedBeforeWhole;
    private int _collections = -1;
    private int _own;
    private int _background;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _allocated = _allocatedBeforeWhole = GC.GetTotalAllocatedBytes();
        _collections = YoungCollections;
        Func<Action, bool> post = Post ?? (_thread = new CollectorThread()).TryPost;
        TimeSpan first = Interval + UntilBetweenSeconds();
        _timer = time.CreateTimer(_ => post(Look), null, first, Interval);
        _wholeTimer = time.CreateTimer(_ => post(LookAtAll), null, first + 2 * Second, WholeInterval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _wholeTimer?.Dispose();
        _thread?.Dispose();
    }

    /// <summary>Collections that were not of the whole heap: one in the background leaves the young garbage, and is counted when it likes.</summary>
    private static int YoungCollections => GC.CollectionCount(0) - GC.CollectionCount(2);

    private void Look()
    {
        long allocated = GC.GetTotalAllocatedBytes();      // to within 8 kB for each thread, and stops none
        if (IsDue(allocated, YoungCollections))
        {
            Run(NextGeneration(), true);
            (_collections, _allocated) = (YoungCollections, allocated);
        }
    }

    private void LookAtAll()
    {
        if (!IsWholeDue(GC.GetTotalAllocatedBytes())) return;
        if (!WorkerSchedule.IsCollectorRealTime(media.Value.Scheduling))
        {
            Run(GC.MaxGeneration, false);
            return;
        }

        // The second pause is of that thread, and a thread of the kernel in it makes it milliseconds longer. It also works beside the packets, for 50 ms:
        // behind the workers then, and not where one of them has left real time.
        if (_background != 0 && !KernelThreads.IsNamed(_background, BackgroundThread)) _background = 0;
        bool isRealTime = _background != 0 && workers.IsRealTime && ThreadSchedule.RunBehindRealTime(_background);
        long last = Background;
        Run(GC.MaxGeneration, false);
        if (isRealTime)
        {
            for (TimeSpan waited = default; Background == last && waited < Patience; waited += Glance) Thread.Sleep(Glance);
            ThreadSchedule.LeaveRealTime(_background);
        }

        // The first one may have made it.
        if (_background == 0) _background = KernelThreads.Named(BackgroundThread) is [int first, ..] ? first : 0;
        if (_background != 0) _ = ThreadSchedule.RunBeforeTheRest(_background);
    }

    /// <summary>Number of the last collection in the background that has ended.</summary>
    private static long Background => GC.GetGCMemoryInfo(GCKind.Background).Index;

    /// <summary>From now to half past a second of the clock by which <see cref="HostClock"/> has slow timers fire on whole ones.</summary>
    private TimeSpan UntilBetweenSeconds()
    {
        long sinceSecond = time.GetElapsedTime(0).Ticks % Second.Ticks;
        return TimeSpan.FromTicks((Second.Ticks * 3 / 2 - sinceSecond) % Second.Ticks);
    }

    /// <summary>Collects: where the workers run before anything else, so does this; of the whole heap that is its first pause.</summary>
    private void Run(int generation, bool waits)
    {
        if (WorkerSchedule.IsCollectorRealTime(media.Value.Scheduling)) _ = ThreadSchedule.RunInRealTime(() => Collect(generation, waits));
        else Collect(generation, waits);
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

    /// <summary>Whether to collect the whole heap now, in the background.</summary>
    /// <param name="allocated">Bytes that were allocated since the start, whoever collected meanwhile.</param>
    internal bool IsWholeDue(long allocated)
    {
        bool isDue = allocated - _allocatedBeforeWhole >= Budget;
        _allocatedBeforeWhole = allocated;
        return isDue;
    }
}
