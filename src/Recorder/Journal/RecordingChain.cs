using System.Security.Cryptography;

namespace Sfu.Recorder.Journal;

/// <summary>The chain of one recording: which number the next chunk has, and the hash it links to (docs/evidence.md section 2).</summary>
/// <remarks>Owned by one thread.</remarks>
/// <param name="next">Number of the next chunk.</param>
/// <param name="last">hash(next - 1).</param>
public sealed class RecordingChain(ulong next, ChainHash last)
{
    /// <summary>The chain of a recording that has no chunk yet.</summary>
    public RecordingChain(Guid recording)
        : this(0, ChainHash.Start(recording))
    {
    }

    /// <summary>Number of the next chunk.</summary>
    public ulong Next { get; private set; } = next;

    /// <summary>hash(<see cref="Next"/> - 1).</summary>
    public ChainHash Last { get; private set; } = last;

    /// <summary>Links the next chunk.</summary>
    /// <param name="linked">The hash before it, then the chunk from the header to the tag, without the crc.</param>
    internal void Append(ReadOnlySpan<byte> linked)
    {
        Span<byte> value = stackalloc byte[ChainHash.Size];
        SHA256.HashData(linked, value);
        Last = new ChainHash(value);
        Next++;
    }

    /// <summary>hash(n) = SHA-256(hash(n-1) ‖ header ‖ side index ‖ body ‖ tag).</summary>
    /// <param name="previous">hash(n-1).</param>
    /// <param name="linked">The chunk from the header to the tag.</param>
    public static ChainHash Link(ChainHash previous, ReadOnlySpan<byte> linked)
    {
        Span<byte> value = stackalloc byte[ChainHash.Size];
        previous.CopyTo(value);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(value);
        hash.AppendData(linked);
        hash.GetHashAndReset(value);
        return new ChainHash(value);
    }
}
