using Sfu.Recorder.Segments;

namespace Sfu.Benchmarks;

/// <summary>Signs as the server does, and counts the packets that the side indexes say are archived.</summary>
/// <param name="inner">Who signs.</param>
internal sealed class CountingSink(ISegmentSink inner) : ISegmentSink
{
    private long _packets;

    /// <summary>Packets in signed segments.</summary>
    public long Packets => Interlocked.Read(ref _packets);

    /// <inheritdoc/>
    public void Accept(ClosedSegment segment)
    {
        inner.Accept(segment);
        foreach (ChunkFacts chunk in segment.Facts.Chunks)
            foreach (StreamIndex stream in chunk.Streams) Interlocked.Add(ref _packets, stream.Packets);
    }

    /// <inheritdoc/>
    public void Seal(ClosedRecording recording) => inner.Seal(recording);
}
