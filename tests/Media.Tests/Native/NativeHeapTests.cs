using System.Globalization;
using System.Runtime.InteropServices;
using Sfu.Media.Native;

namespace Sfu.Media.Tests.Native;

/// <summary>What the C library keeps of memory that a thread used for a moment.</summary>
public sealed unsafe partial class NativeHeapTests
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
        long most = Enumerable.Range(0, Threads).Max(_ => OnAThread(FillAndFree));
        Assert.InRange(most, (Blocks * Block - NativeHeap.CutFrom) / 1024, long.MaxValue);
    }

    [Fact]
    public void GiveBack_Twice_IsTheSame()
    {
        Assert.True(NativeHeap.GiveBack());
        Assert.True(NativeHeap.GiveBack());
    }

    private static void FreeALargeBlock() => NativeMemory.Free(NativeMemory.Alloc(16 << 20));

    [Fact]
    public void GiveBack_FreedOneByOne_IsCutSeldom()
    {
        Assert.True(NativeHeap.GiveBack());

        int[] cuts = [.. Enumerable.Range(0, Threads).Select(_ => OnAThread(CutsOfFreeing))];
        Assert.InRange(cuts.Max(), 1, Blocks * Block / (NativeHeap.CutFrom - NativeHeap.KeptFree) + 1);
    }

    private static T OnAThread<T>(Func<T> action)
    {
        T result = default!;
        var thread = new Thread(() => result = action());
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>kB by which the heap of the thread shrinks when the thread frees many blocks.</summary>
    private static long FillAndFree()
    {
        nint[] blocks = Fill();
        long heap = blocks[^1] / HeapSize * HeapSize;
        long used = ResidentOf(heap);
        foreach (nint block in blocks) NativeMemory.Free((void*)block);
        return used - ResidentOf(heap);
    }

    /// <summary>How often something of the heap of the thread goes back while it frees from the end on.</summary>
    private static int CutsOfFreeing()
    {
        nint[] blocks = Fill();
        int cuts = 0, resident = Blocks;
        for (int i = Blocks - 1; i >= 0; i--)
        {
            NativeMemory.Free((void*)blocks[i]);
            int left = blocks.Count(IsResident);
            if (left < resident) cuts++;
            resident = left;
        }

        return cuts;
    }

    private static nint[] Fill()
    {
        var blocks = new nint[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(Block);
            new Span<byte>((void*)blocks[i], Block).Fill(1);
        }

        return blocks;
    }

    /// <summary>Whether the kernel has memory for the middle of a block, freed or not.</summary>
    private static bool IsResident(nint block)
    {
        nint page = (block + Block / 2) / Environment.SystemPageSize * Environment.SystemPageSize;
        byte state = 0;
        return MemoryInCore(page, 1, &state) == 0 && (state & 1) != 0;
    }

    /// <returns>0, or -1 where nothing is mapped.</returns>
    [LibraryImport("libc.so.6", EntryPoint = "mincore")]
    private static partial int MemoryInCore(nint address, nuint length, byte* states);

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
