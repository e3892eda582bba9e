namespace Sfu.Recorder.Evidence;

/// <summary>A whole tree of RFC 9162 section 2.1, for inclusion proofs: they show that one entry belongs to it without giving out the others.</summary>
public sealed class MerklePaths
{
    // Level 0 are the leaves; a node without sibling goes up as it is, which is the same tree as the RFC's recursion.
    private readonly List<byte[][]> _levels = [];

    /// <summary>Builds it.</summary>
    /// <param name="entries">The entries; for a recording the chain hashes of its chunks.</param>
    public MerklePaths(IReadOnlyList<byte[]> entries)
    {
        byte[][] level = [.. entries.Select(entry => MerkleTree.Leaf(entry))];
        _levels.Add(level);
        while (level.Length > 1)
        {
            byte[][] upper = new byte[(level.Length + 1) / 2][];
            for (int i = 0; i < upper.Length; i++)
                upper[i] = 2 * i + 1 < level.Length ? MerkleTree.Node(level[2 * i], level[2 * i + 1]) : level[2 * i];
            _levels.Add(level = upper);
        }
    }

    /// <summary>The root, the same as that of a <see cref="MerkleTree"/> over the entries.</summary>
    public byte[] Root => _levels[^1] is [var root] ? root : new MerkleTree().Root();

    /// <summary>Section 2.1.3.1: the siblings of a leaf, from the leaf up.</summary>
    /// <param name="leaf">Place of the entry, from 0.</param>
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
