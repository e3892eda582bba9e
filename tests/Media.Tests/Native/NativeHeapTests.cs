using System.Globalization;
using System.Runtime.InteropServices;
using Sfu.Media.Native;

namespace Sfu.Media.Tests.Native;

/// <summary>What the C library keeps of memory that a thread used for a moment.</summary>
public sealed class NativeHeapTests
{
    private const int Block = 64 << 10;                    // what the runtime's compiler takes at once
    private const int Blocks = 128;
    private const int Threads = 20;
    private const long HeapSize = 64 << 20;                // glibc's heaps of threads begin at multiples of it

    [Fact]
    public void GiveBack_AfterALargeBlock_MuchThatIsFreeGoesBack()
    {
        FreeALargeBlock();                                 // what raises the threshold where nothing is set

        Assert.True(NativeHeap.GiveBack());

        // A thread of another test that shares the heap may hold something behind: of the threads of this test one has a heap to itself.
        long most = Enumerable.Range(0, Threads).Max(_ => UseForAMoment());
        Assert.InRange(most, (Blocks * Block - 2 * NativeHeap.KeptFree) / 1024, long.MaxValue);
    }

    [Fact]
    public void GiveBack_Twice_IsTheSame()
    {
        Assert.True(NativeHeap.GiveBack());
        Assert.True(NativeHeap.GiveBack());
    }

    private static unsafe void FreeALargeBlock() => NativeMemory.Free(NativeMemory.Alloc(16 << 20));

    /// <summary>kB by which the heap of a new thread shrinks when the thread frees many blocks.</summary>
    private static long UseForAMoment()
    {
        long freed = 0;
        var thread = new Thread(() => freed = FillAndFree());
        thread.Start();
        thread.Join();
        return freed;
    }

    private static unsafe long FillAndFree()
    {
        var blocks = new nint[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(Block);
            new Span<byte>((void*)blocks[i], Block).Fill(1);
        }

        long heap = blocks[^1] / HeapSize * HeapSize;
        long used = ResidentOf(heap);
        foreach (nint block in blocks) NativeMemory.Free((void*)block);
        return used - ResidentOf(heap);
    }

    private static long ResidentOf(long heap)
    {
        long resident = 0;
        bool isInside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && long.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long start))
                isInside = start >= heap && start < heap + HeapSize;
            else if (isInside && line.StartsWith("Rss:", StringComparison.Ordinal))
                resident += long.Parse(line.AsSpan(4, line.Length - 4 - 3), CultureInfo.InvariantCulture);
        }

        return resident;
    }
}
