using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>Whether this core is its thread's alone at the moment. A neighbour on the other hardware thread, which a virtual machine does not
/// see, makes everything on this one a third slower; the C programs leave such moments out, and so must what is put beside them.</summary>
/// <remarks>Asked before and after what is measured: a loop that keeps all units for integers busy takes as long as at its fastest, or a tenth more.</remarks>
internal sealed class CalmCore
{
    private const double Tolerance = 1.1;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1.5);
    private long _fastest = long.MaxValue;
    private ulong _sum;                                    // so that the loop is not left out

    /// <summary>Finds out how fast the loop can be; to be called often, over seconds: a neighbour may stay for tenths of one.</summary>
    public void Learn() => _fastest = Math.Min(_fastest, Loop());

    /// <summary>It is so now.</summary>
    public bool IsCalm => Loop() <= _fastest * Tolerance;

    /// <summary>Waits until it is so.</summary>
    /// <param name="until">By <see cref="Stopwatch.GetTimestamp"/>: then it gives up.</param>
    public bool TryWait(long until)
    {
        while (!IsCalm)
        {
            if (Stopwatch.GetTimestamp() > until) return false;
            Thread.Sleep(Pause);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private long Loop()
    {
        long begin = Stopwatch.GetTimestamp();
        ulong a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, more = _sum | 1;
        for (int i = 0; i < 8000; i++)
        {
            a += more;
            b += more;
            c += more;
            d += more;
            e += more;
            f += more;
        }

        _sum = a + b + c + d + e + f;
        return Stopwatch.GetTimestamp() - begin;
    }
}
