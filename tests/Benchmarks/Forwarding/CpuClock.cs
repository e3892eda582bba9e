using System.Diagnostics;
using Sfu.Router.Transport.Native;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>CPU time of the calling thread: a neighbour that takes the core is not counted, only what it leaves in the caches.</summary>
internal static unsafe class CpuClock
{
    private const int ThreadCpuTime = 3;                   // CLOCK_THREAD_CPUTIME_ID
    private const int Blocks = 25;

    // Until the runtime has replaced what it compiled in haste, which it does on the same core; of this thread's time, in nanoseconds.
    private const long WarmUp = 2_500_000_000;
    private const long LongWarmUp = 5_000_000_000;         // the same for a whole worker

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);     // for the blocks that count

    /// <summary>Median time of one of the things that a block does, in nanoseconds, of blocks on a core that was calm (<see cref="CalmCore"/>).</summary>
    /// <param name="perBlock">How many it does; some thousands, or reading the clock counts.</param>
    /// <param name="prepare">Run before each block, not measured.</param>
    /// <param name="block">What is measured.</param>
    public static double Measure(int perBlock, Action prepare, Action block)
    {
        var core = new CalmCore();
        for (long end = Now + WarmUp; Now < end;)
        {
            prepare();
            block();
            core.Learn();
        }

        return MedianOfCalm(core, () =>
        {
            prepare();
            long before = Now;
            block();
            return (double)(Now - before) / perBlock;
        });
    }

    /// <summary>The same where a block is several turns and something has to be prepared before each of them.</summary>
    /// <param name="perBlock">Things of a block.</param>
    /// <param name="turns">Turns of a block.</param>
    /// <param name="prepare">Run before each turn, not measured.</param>
    /// <param name="turn">What is measured.</param>
    /// <param name="check">Run after each block, not measured; throws when the block did something else than it was to do.</param>
    public static double MeasureTurns(int perBlock, int turns, Action prepare, Action turn, Action check)
    {
        double reading = ReadingCost();
        var core = new CalmCore();
        for (long measured = Now + LongWarmUp; Now < measured; core.Learn()) One();
        return MedianOfCalm(core, One);

        double One()
        {
            long spent = 0;
            for (int t = 0; t < turns; t++)
            {
                prepare();
                long before = Now;
                turn();
                spent += Now - before;
            }

            check();
            return (spent - turns * reading) / perBlock;
        }
    }

    /// <summary>The median of blocks before and after which the core was calm; where there were hardly any, the fastest tenth of all.</summary>
    private static double MedianOfCalm(CalmCore core, Func<double> block)
    {
        long end = Stopwatch.GetTimestamp() + (long)(Budget.TotalSeconds * Stopwatch.Frequency);
        List<double> calm = [], all = [];
        while (calm.Count < Blocks && (all.Count < Blocks || Stopwatch.GetTimestamp() < end))
        {
            bool isCalm = core.TryWait(end);
            double time = block();
            all.Add(time);
            if (isCalm && core.IsCalm) calm.Add(time);
        }

        calm.Sort();
        all.Sort();
        return calm.Count > 2 ? calm[calm.Count / 2] : all[all.Count / 10];
    }

    /// <summary>What reading the clock adds to a measurement, in nanoseconds: it is a system call.</summary>
    private static double ReadingCost()
    {
        const int readings = 2000;
        long first = Now;
        for (int i = 1; i < readings; i++) _ = Now;
        return (double)(Now - first) / readings;
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
