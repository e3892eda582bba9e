using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sfu.Verify;

/// <summary>Where the chain of a recording stands between two segments.</summary>
internal sealed class ChainState
{
    /// <summary>Number of the next chunk; null when what lies before could not be read.</summary>
    internal ulong? Next { get; set; } = 0;

    /// <summary>Hash of the last chunk; null like <see cref="Next"/>, or before the recording's id is known.</summary>
    internal byte[]? Hash { get; set; }

    /// <summary>Hash of the manifest before; null when it could not be read.</summary>
    internal byte[]? Manifest { get; set; } = new byte[32];

    /// <summary>Hash of the recording's first chunk.</summary>
    internal byte[]? First { get; set; }

    /// <summary>Tree over all chunks so far.</summary>
    internal MerkleRoot Tree { get; } = new();

    /// <summary>Every chunk so far was read and is good: what is counted may be compared with the sealed manifest.</summary>
    internal bool IsWhole { get; set; } = true;

    /// <summary>hash(-1) = SHA-256("SFUJ1" ‖ recording).</summary>
    internal static byte[] Genesis(ReadOnlySpan<byte> recording) => SHA256.HashData([.. "SFUJ1"u8, .. recording]);

    /// <summary>16 bytes of a UUID in the order of its text (RFC 9562); null when it is none.</summary>
    internal static byte[]? RecordingBytes(string id) => Guid.TryParseExact(id, "D", out Guid guid) && id == guid.ToString("D") ? guid.ToByteArray(bigEndian: true) : null;

    /// <summary>hash(n) = SHA-256(hash(n-1) ‖ header ‖ side index ‖ body ‖ tag).</summary>
    internal static byte[] Link(IncrementalHash hash, ReadOnlySpan<byte> previous, in Chunk chunk)
    {
        hash.AppendData(previous);
        hash.AppendData(chunk.Chained);
        return hash.GetHashAndReset();
    }

    /// <summary>Text of a chunk's recording id.</summary>
    internal static string Text(ReadOnlySpan<byte> recording) => new Guid(recording, bigEndian: true).ToString("D");

    /// <summary>For messages: the first eight digits.</summary>
    internal static string Short(ReadOnlySpan<byte> hash) => $"{BinaryPrimitives.ReadUInt32BigEndian(hash):x8}…";
}
