using System.Security.Cryptography;

namespace Sfu.Verify;

/// <summary>Root of a growing RFC 9162 section 2.1.1 tree.</summary>
internal sealed class MerkleRoot
{
    private readonly Stack<(long Size, byte[] Hash)> _subtrees = new();

    internal long Size { get; private set; }

    internal void Add(ReadOnlySpan<byte> entry)
    {
        byte[] leaf = new byte[1 + entry.Length];
        entry.CopyTo(leaf.AsSpan(1));
        (long Size, byte[] Hash) node = (1, SHA256.HashData(leaf));
        while (_subtrees.TryPeek(out (long Size, byte[] Hash) left) && left.Size == node.Size)
            node = (node.Size * 2, Join(_subtrees.Pop().Hash, node.Hash));
        _subtrees.Push(node);
        Size++;
    }

    internal byte[] Root()
    {
        byte[]? root = null;
        foreach ((_, byte[] hash) in _subtrees) root = root is null ? hash : Join(hash, root);
        return root ?? SHA256.HashData([]);
    }

    private static byte[] Join(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);
}
