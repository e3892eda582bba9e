using System.Runtime.CompilerServices;

namespace Sfu.Router.Transport;

/// <summary>Orders one receiver's packets of a turn so that as many as possible leave as runs the kernel can cut apart:
/// packets of equal length, and at most one shorter that ends the run (UDP_SEGMENT).</summary>
/// <remarks>Pure. Longest first, but never two packets of one stream out of order. At most <see cref="Window"/> packets per plan:
/// the search is quadratic in that number.</remarks>
internal static class RunPlanner
{
    /// <summary>Most packets of one plan and of one run.</summary>
    internal const int Window = SendSlab.MaxSegments;

    /// <summary>Plans the order.</summary>
    /// <param name="lengths">Protected length of each packet in bytes, 1 to 2,048; at most <see cref="Window"/> packets.</param>
    /// <param name="streams">The stream of each packet; packets of one stream keep their order.</param>
    /// <param name="order">Gets the packets' numbers in sending order; as long as <paramref name="lengths"/>.</param>
    /// <param name="runs">Gets the packets of each run; as long as <paramref name="lengths"/>.</param>
    /// <returns>Number of runs.</returns>
    [SkipLocalsInit]
    internal static int Plan(ReadOnlySpan<int> lengths, ReadOnlySpan<ulong> streams, Span<byte> order, Span<byte> runs)
    {
        if (IsRun(lengths))
        {
            for (int i = 0; i < lengths.Length; i++) order[i] = (byte)i;
            runs[0] = (byte)lengths.Length;
            return 1;
        }

        Span<sbyte> previous = stackalloc sbyte[Window];
        LinkStreams(streams, previous);
        ulong taken = 0;
        int done = 0;
        int runCount = 0;
        while (done < lengths.Length)
        {
            int first = Longest(lengths, previous, taken, limit: int.MaxValue);
            int start = done;
            int length = lengths[first];
            int bytes = 0;
            for (int i = first; i < lengths.Length && bytes + length <= SendSlab.MaxRunBytes; i++)
            {
                if (lengths[i] != length || !IsHead(i, previous, taken)) continue;
                Take(i, order, ref done, ref taken);
                bytes += length;
            }

            int last = done - start < Window ? Longest(lengths, previous, taken, limit: length - 1) : -1;
            if (last >= 0 && bytes + lengths[last] <= SendSlab.MaxRunBytes) Take(last, order, ref done, ref taken);
            runs[runCount++] = (byte)(done - start);
        }

        return runCount;
    }

    /// <summary>They make one run as they come, as the packets of a picture do, and one packet.</summary>
    private static bool IsRun(ReadOnlySpan<int> lengths)
    {
        int length = lengths[0];
        for (int i = 1; i < lengths.Length - 1; i++)
            if (lengths[i] != length) return false;
        return lengths[^1] <= length && length * lengths.Length <= SendSlab.MaxRunBytes;
    }

    /// <summary>For each packet: the one of the same stream before it, or -1.</summary>
    private static void LinkStreams(ReadOnlySpan<ulong> streams, Span<sbyte> previous)
    {
        for (int i = 0; i < streams.Length; i++)
        {
            int j = i - 1;
            while (j >= 0 && streams[j] != streams[i]) j--;
            previous[i] = (sbyte)j;
        }
    }

    /// <summary>The first of the longest packets that may go now and are not longer than <paramref name="limit"/>, or -1.</summary>
    private static int Longest(ReadOnlySpan<int> lengths, ReadOnlySpan<sbyte> previous, ulong taken, int limit)
    {
        int best = -1;
        for (int i = 0; i < lengths.Length; i++)
            if (lengths[i] <= limit && (best < 0 || lengths[i] > lengths[best]) && IsHead(i, previous, taken)) best = i;
        return best;
    }

    private static bool IsHead(int i, ReadOnlySpan<sbyte> previous, ulong taken) =>
        (taken >> i & 1) == 0 && (previous[i] < 0 || (taken >> previous[i] & 1) != 0);

    private static void Take(int i, Span<byte> order, ref int done, ref ulong taken)
    {
        order[done++] = (byte)i;
        taken |= 1UL << i;
    }
}
