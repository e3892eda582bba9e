using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Sfu.Media.Native;

/// <summary>Tells the processor which memory is about to be needed, where it takes such hints (x86-64).</summary>
/// <remarks>A hint only: an address that is no longer valid, or an object that moves meanwhile, does no harm.</remarks>
public static unsafe class CacheHint
{
    /// <summary>Bytes that are fetched at once.</summary>
    public const int LineSize = 64;

    /// <summary>Fetches bytes into the nearest cache.</summary>
    /// <param name="at">The first byte.</param>
    /// <param name="bytes">How many; 1 for the line that <paramref name="at"/> is in.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(void* at, int bytes = 1)
    {
        if (!Sse.IsSupported) return;
        for (int offset = 0; offset < bytes; offset += LineSize) Sse.Prefetch0((byte*)at + offset);
    }
}
