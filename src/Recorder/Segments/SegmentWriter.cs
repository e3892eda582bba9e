using System.Buffers;
using System.Globalization;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Segments;

/// <summary>Copies the chunks of a segment from the log into a file, as they are, and looks at each of them on the way.</summary>
/// <remarks>Owned by the segment thread. Nothing is signed that could not be read back, linked and opened.</remarks>
internal sealed class SegmentWriter(IJournalFiles files, IKeyVault vault, IKeyEncryptionKey kek)
{
    private const int BufferSize = 1 << 20;
    private const string Temporary = ".tmp";

    /// <summary>Writes the file, or finds it written before.</summary>
    /// <param name="job">What to write.</param>
    /// <param name="segment">Valid only for <see cref="SegmentStep.Done"/>.</param>
    internal SegmentResult Write(SegmentJob job, out ClosedSegment? segment)
    {
        segment = null;
        string folder = Path.Combine(job.Info.Folder, "seg", job.Node);
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seg-{job.No:D6}.sfuj"));
        FileFailure failure = files.MakeFolder(folder);
        if (failure.IsFailure) return new SegmentResult(SegmentStep.Write, failure);
        using var source = new ChunkSource(files);
        using var keys = new KeyRing(vault, kek);
        var checker = new SegmentChecker(job, keys);
        byte[] content = ArrayPool<byte>.Shared.Rent(BufferSize + ChunkFormat.MaxChunk);
        try
        {
            SegmentResult result = files.OpenRead(path, out int existing).IsFailure
                ? Copy(job, source, checker, content, path)
                : Compare(job, source, checker, content, existing, folder);
            if (result.Step == SegmentStep.Done) segment = checker.Close();
            return result;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    private SegmentResult Copy(SegmentJob job, ChunkSource source, SegmentChecker checker, byte[] content, string path)
    {
        files.Delete(path + Temporary);                        // of a crash before
        FileFailure failure = files.Create(path + Temporary, out int file);
        if (failure.IsFailure) return new SegmentResult(SegmentStep.Write, failure);
        try
        {
            long end = 0;
            SegmentResult result = ForEach(job, source, checker, content, part =>
            {
                FileFailure written = files.Write(file, part.Span, end);
                end += part.Length;
                return written.IsFailure ? new SegmentResult(SegmentStep.Write, written) : SegmentResult.Done;
            });
            if (result.Step != SegmentStep.Done) return result;
            failure = files.Sync(file);
            if (!failure.IsFailure) failure = files.Rename(path + Temporary, path);
            if (!failure.IsFailure) failure = files.SyncFolder(Path.GetDirectoryName(path)!);
            return failure.IsFailure ? new SegmentResult(SegmentStep.Write, failure) : SegmentResult.Done;
        }
        finally
        {
            files.Close(file);
        }
    }

    /// <summary>It was written before a crash: then it is the same, byte for byte, or somebody changed it.</summary>
    private SegmentResult Compare(SegmentJob job, ChunkSource source, SegmentChecker checker, byte[] content, int existing, string folder)
    {
        byte[] there = ArrayPool<byte>.Shared.Rent(content.Length);
        try
        {
            long end = 0;
            SegmentResult result = ForEach(job, source, checker, content, part =>
            {
                FileFailure failure = files.Read(existing, there.AsSpan(0, part.Length), end, out int read);
                end += part.Length;
                if (failure.IsFailure) return new SegmentResult(SegmentStep.Write, failure);
                return part.Span.SequenceEqual(there.AsSpan(0, read)) ? SegmentResult.Done : new SegmentResult(SegmentStep.Conflict);
            });
            if (result.Step != SegmentStep.Done) return result;
            FileFailure last = files.Read(existing, there.AsSpan(0, 1), end, out int more);
            if (!last.IsFailure && more > 0) return new SegmentResult(SegmentStep.Conflict);
            if (!last.IsFailure) last = files.Sync(existing);  // the crash or failure may have come before its sync
            if (!last.IsFailure) last = files.SyncFolder(folder);
            return last.IsFailure ? new SegmentResult(SegmentStep.Write, last) : SegmentResult.Done;
        }
        finally
        {
            files.Close(existing);
            ArrayPool<byte>.Shared.Return(there);
        }
    }

    /// <summary>Reads, checks and hands on all chunks, some at a time.</summary>
    private static SegmentResult ForEach(
        SegmentJob job, ChunkSource source, SegmentChecker checker, byte[] content, Func<ReadOnlyMemory<byte>, SegmentResult> take)
    {
        int filled = 0;
        foreach (ChunkRef chunk in job.Chunks)
        {
            Span<byte> frame = content.AsSpan(filled, chunk.Size);
            FileFailure failure = source.Read(chunk, frame);
            if (failure.IsFailure) return new SegmentResult(SegmentStep.Read, failure);
            JournalFailure bad = checker.Add(chunk, frame);
            if (bad != JournalFailure.None) return new SegmentResult(SegmentStep.Check, Journal: bad);
            filled += chunk.Size;
            if (filled < BufferSize) continue;
            SegmentResult result = take(content.AsMemory(0, filled));
            if (result.Step != SegmentStep.Done) return result;
            filled = 0;
        }

        return filled == 0 ? SegmentResult.Done : take(content.AsMemory(0, filled));
    }
}
