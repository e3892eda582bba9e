using System.Diagnostics;
using System.Globalization;

namespace Sfu.Benchmarks;

/// <summary>Says when the core that it runs on stood still: did not run even a thread that goes before all others.</summary>
/// <remarks>To be started with <c>taskset -c CORE chrt -f 99</c>. It sleeps for a millisecond at a time, so that of a stand it sees the last part: all but at most that
/// millisecond. The core then ran nothing else either, no worker, no collector, unless what runs with interrupts off, or the machine below.</remarks>
internal static class CoreWitness
{
    private const double Told = 2;                         // milliseconds; the waking of a thread takes some hundredths of one

    /// <summary>Writes a line of JSON for each stand of more than two milliseconds: <c>end</c>, Unix time in seconds, and <c>ms</c>.</summary>
    /// <param name="span">Ends by itself after that, so that nothing of the highest priority is left behind.</param>
    public static void Run(TimeSpan span)
    {
        Console.WriteLine("watching");                     // and everything is compiled that a line needs
        long start = Stopwatch.GetTimestamp(), last = start;
        while (Stopwatch.GetElapsedTime(start) < span)
        {
            Thread.Sleep(1);
            long now = Stopwatch.GetTimestamp();
            double late = Stopwatch.GetElapsedTime(last, now).TotalMilliseconds - 1;
            last = now;
            if (late <= Told) continue;
            double end = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"end\":{end:F4},\"ms\":{late:F2}}}"));
        }
    }
}
