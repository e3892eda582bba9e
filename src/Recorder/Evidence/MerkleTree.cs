using System.Security.Cryptography;

namespace Sfu.Recorder.Evidence;

/// <summary>The root of a growing RFC 9162 section 2.1 tree over SHA-256; keeps one hash for each level, not the leaves.</summary>
/// <remarks>Owned by one writer; not thread-safe.</remarks>
public sealed class MerkleTree
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = 32;

    private readonly List<byte[]> _peaks = [];                 // roots of the complete subtrees, largest first

    /// <summary>Entries added so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the next entry.</summary>
    /// <param name="entry">Its bytes; for a recording the chain hash of a chunk.</param>
    public void Add(ReadOnlySpan<byte> entry)
    {
        byte[] node = Leaf(entry);
        for (long bit = Count; (bit & 1) != 0; bit >>= 1)      // every complete pair becomes its parent
        {
            node = Node(_peaks[^1], node);
            _peaks.RemoveAt(_peaks.Count - 1);
        }
        _peaks.Add(node);
        Count++;
    }

    /// <summary>The root over all entries so far; of an empty tree the hash of nothing.</summary>
    public byte[] Root()
    {
        if (_peaks.Count == 0) return SHA256.HashData([]);
        byte[] root = _peaks[^1];
        for (int i = _peaks.Count - 2; i >= 0; i--) root = Node(_peaks[i], root);
        return root;
    }

    /// <summary>Hash of a leaf: SHA-256(0x00 ‖ entry).</summary>
    internal static byte[] Leaf(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }

    /// <summary>Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).</summary>
    internal static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * HashSize];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashSize)..]);
        return SHA256.HashData(input);
    }
}
