using System.Runtime.InteropServices;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Segments;

/// <summary>Where a segment ends: a rule over the headers of its chunks alone, so that recovery finds the same border again.</summary>
/// <param name="Count">Chunks of the segment; 0 while it is open.</param>
/// <param name="IsPartial">The recorder that wrote it did not come to its end.</param>
internal readonly record struct SegmentCut(int Count, bool IsPartial)
{
    /// <summary>Record time that a segment covers.</summary>
    internal static readonly TimeSpan Span = TimeSpan.FromSeconds(60);

    /// <summary>Finds the end of the segment that begins with the first chunk.</summary>
    /// <param name="chunks">Durable chunks in order.</param>
    /// <param name="checkedBefore">Chunks that were found to be inside before.</param>
    internal static SegmentCut Find(List<ChunkRef> chunks, int checkedBefore)
    {
        ReadOnlySpan<ChunkRef> span = CollectionsMarshal.AsSpan(chunks);
        for (int i = Math.Max(1, checkedBefore); i < span.Length; i++)
        {
            if ((span[i].Marks & ChunkMarks.Restarted) != 0) return new SegmentCut(i, true);
            if (span[i].FirstMono - span[0].FirstMono >= Span.Ticks * 100) return new SegmentCut(i, false);
        }

        return span.Length > 0 && (span[^1].Marks & ChunkMarks.Last) != 0 ? new SegmentCut(span.Length, false) : default;
    }
}
