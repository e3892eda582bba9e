namespace Sfu.Recorder.Segments;

/// <summary>What the journal knows about a segment file that lies complete and synced on disk: the input of its manifest.</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Node">The recording node; names the folder.</param>
/// <param name="No">1, 2, 3, ... in the folder.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">Of the whole file.</param>
/// <param name="FirstChunk">Number of its first chunk.</param>
/// <param name="PreviousHash">Chain hash before its first chunk.</param>
/// <param name="Chunks">Its chunks in order; at least one.</param>
/// <param name="FromMonoNanoseconds">Receive time of its first record on the server's monotonic clock.</param>
/// <param name="ToMonoNanoseconds">The same of its last record.</param>
/// <param name="FromWallMicroseconds">Receive time of its first record, microseconds since 1970.</param>
/// <param name="ToWallMicroseconds">The same of its last record.</param>
/// <param name="Partial">Closed by recovery, not by the recorder that wrote it.</param>
public sealed record SegmentFacts(
    Guid Recording, string Node, int No, long Bytes, ReadOnlyMemory<byte> Sha256, ulong FirstChunk, ReadOnlyMemory<byte> PreviousHash,
    IReadOnlyList<ChunkFacts> Chunks, long FromMonoNanoseconds, long ToMonoNanoseconds, long FromWallMicroseconds, long ToWallMicroseconds, bool Partial)
{
    /// <summary>Its file's name.</summary>
    public string ObjectName => $"seg-{No:D6}.sfuj";
}
