using System.Numerics;

namespace Sfu.Recorder.Evidence;

/// <summary>Shows that one entry belongs to a Merkle tree without giving out the others (RFC 9162 section 2.1.3).</summary>
/// <param name="Index">Place of the entry, from 0.</param>
/// <param name="Size">Entries of the tree.</param>
/// <param name="Path">Hashes of the siblings, from the leaf up.</param>
public sealed record InclusionProof(long Index, long Size, IReadOnlyList<byte[]> Path)
{
    /// <summary>Makes the proof of one entry (RFC 9162 section 2.1.3.1).</summary>
    /// <param name="entries">All entries of the tree.</param>
    /// <param name="index">Which one.</param>
    public static InclusionProof Create(IReadOnlyList<ReadOnlyMemory<byte>> entries, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, entries.Count);
        var path = new List<byte[]>();
        int from = 0, to = entries.Count, at = index;
        while (to - from > 1)
        {
            int split = from + (int)(BitOperations.RoundUpToPowerOf2((uint)(to - from)) >> 1);
            bool left = at < split;
            path.Add(left ? Root(entries, split, to) : Root(entries, from, split));
            if (left) to = split; else from = split;
        }
        path.Reverse();
        return new InclusionProof(index, entries.Count, path);
    }

    /// <summary>Checks the proof against a root (RFC 9162 section 2.1.3.2).</summary>
    /// <param name="entry">The entry's bytes.</param>
    /// <param name="root">The root that is known to be right.</param>
    public bool Verify(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> root)
    {
        if (Index < 0 || Index >= Size) return false;
        long at = Index, last = Size - 1;
        byte[] hash = MerkleTree.Leaf(entry);
        foreach (byte[] sibling in Path)
        {
            if (last == 0 || sibling.Length != MerkleTree.HashSize) return false;
            if ((at & 1) != 0 || at == last)
            {
                hash = MerkleTree.Node(sibling, hash);
                while ((at & 1) == 0 && at != 0) { at >>= 1; last >>= 1; }
            }
            else
            {
                hash = MerkleTree.Node(hash, sibling);
            }
            at >>= 1;
            last >>= 1;
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    private static byte[] Root(IReadOnlyList<ReadOnlyMemory<byte>> entries, int from, int to)
    {
        var tree = new MerkleTree();
        for (int i = from; i < to; i++) tree.Add(entries[i].Span);
        return tree.Root();
    }
}
