namespace Sfu.Verify;

/// <summary>What a genuine manifest, or the sealed one in its place, says about a segment's chunks. Null where nothing does.</summary>
internal sealed record Expected(
    long? Bytes, byte[] Hash, byte[]? Prev, byte[]? First, byte[] Last, ulong FirstChunk, long Chunks, byte[] MerkleRoot)
{
    internal static Expected Of(SegmentFile manifest) => new(
        manifest.ObjectBytes, manifest.ObjectHash, manifest.Prev, manifest.First, manifest.Last, manifest.FirstChunk, manifest.Chunks, manifest.MerkleRoot);

    internal static Expected Of(SegmentLine line) => new(null, line.ObjectHash, null, null, line.Last, line.FirstChunk, line.Chunks, line.MerkleRoot);

    /// <summary>The chunks are those, by every measure there is.</summary>
    internal bool IsMet(ObjectCheck found) =>
        (Bytes is null || Bytes == found.Bytes) && (First is null || Same(First, found.First)) && Same(Last, found.Last) && Chunks == found.Chunks
        && MerkleRoot.AsSpan().SequenceEqual(found.Tree.Root());

    internal static bool Same(byte[]? a, byte[]? b) => a is not null && b is not null && a.AsSpan().SequenceEqual(b);
}
