using System.Security.Cryptography;

namespace Sfu.Recordings.Evidence;

/// <summary>The tree of RFC 9162 section 2.1 over the hashes of chunks, for inclusion proofs.</summary>
internal sealed class MerkleTree
{
    // Level 0 are the leaves; a node without sibling goes up as it is, which is the same tree as the RFC's recursion.
    private readonly List<byte[][]> _levels = [];

    /// <summary>Builds it.</summary>
    /// <param name="hashes">The chunks' hashes.</param>
    public MerkleTree(IReadOnlyList<byte[]> hashes)
    {
        byte[][] level = [.. hashes.Select(hash => SHA256.HashData([0x00, .. hash]))];
        _levels.Add(level);
        while (level.Length > 1)
        {
            byte[][] upper = new byte[(level.Length + 1) / 2][];
            for (int i = 0; i < upper.Length; i++)
                upper[i] = 2 * i + 1 < level.Length ? SHA256.HashData([0x01, .. level[2 * i], .. level[2 * i + 1]]) : level[2 * i];
            _levels.Add(level = upper);
        }
    }

    /// <summary>The root; the hash of nothing for an empty tree.</summary>
    public byte[] Root => _levels[^1] is [var root] ? root : SHA256.HashData([]);

    /// <summary>Section 2.1.3.1: the siblings of a leaf, from the leaf up.</summary>
    public IEnumerable<byte[]> PathOf(int leaf)
    {
        foreach (byte[][] level in _levels)
        {
            int sibling = leaf ^ 1;
            if (sibling < level.Length) yield return level[sibling];
            leaf /= 2;
        }
    }
}
