using System.Runtime.InteropServices;

namespace Sfu.Media.Native;

/// <summary>Has the C library give memory back that was used for a moment, and take it from few heaps, so that the process does not grow with the number of threads that ever did.</summary>
/// <remarks>
/// glibc keeps a heap for each of up to eight threads a core, and cuts what is free at its end, but for 128 KiB, once that is more than a threshold, 128 KiB too. The first freed block
/// that had been mapped for itself raises that threshold to twice its size, up to 64 MiB, for the whole process. The compiler of hot methods takes 1 to 2 MB
/// for a large one, on a thread that ends after four seconds of having nothing to do, so that the next one comes upon another heap: each heap grows by as much,
/// minutes after the start, and keeps it. A threshold that was set stays as it is (mallopt(3), M_TRIM_THRESHOLD). It is larger than what is kept, for each cut costs: 0.4 ms on
/// a virtual machine of two cores, since the others must forget the addresses, and memory is freed 64 KiB at a time, by the finalizers' thread too. And fewer heaps do, one for each core: nothing is
/// allocated per packet, and what is small comes from a cache of each thread.
/// </remarks>
public static partial class NativeHeap
{
    /// <summary>Bytes free at the end of a heap that are kept for its next use when it is cut.</summary>
    public const int KeptFree = 128 << 10;

    /// <summary>Bytes free at the end of a heap from which on it is cut.</summary>
    public const int CutFrom = 512 << 10;

    /// <summary>A block of so many bytes is mapped for itself, and goes back when it is freed.</summary>
    public const int MappedAlone = 128 << 10;

    /// <summary>Heaps, at least; else one for each core.</summary>
    internal const int LeastHeaps = 4;

    private const int TrimThreshold = -1;                  // M_TRIM_THRESHOLD
    private const int TopPad = -2;                         // M_TOP_PAD
    private const int MapThreshold = -3;                   // M_MMAP_THRESHOLD
    private const int MostHeaps = -8;                      // M_ARENA_MAX

    /// <summary>Applies it to the process, from any thread, once or several times.</summary>
    /// <returns>False when the C library has no such settings: it is not glibc.</returns>
    public static bool GiveBack()
    {
        try
        {
            return SetOption(TrimThreshold, CutFrom) == 1 && SetOption(TopPad, KeptFree) == 1
                && SetOption(MapThreshold, MappedAlone) == 1 && SetOption(MostHeaps, Math.Max(LeastHeaps, Environment.ProcessorCount)) == 1;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <returns>1, or 0 on failure.</returns>
    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
