using System.Security.Cryptography;

namespace Sfu.Media.Native;

/// <summary>The keys of one AES-CM sender as the jobs of IPsec-MB want them: AES schedules and the two states HMAC-SHA1 starts from.</summary>
/// <remarks>Owned by one SRTP context. No job may refer to it when it is disposed.</remarks>
internal sealed unsafe class IpsecMbCounterKey : IDisposable
{
    private const int DecryptAt = 192;                     // a schedule has 176 bytes
    private const int InnerAt = 384;
    private const int OuterAt = 416;
    private const int Size = 448;
    private const int BlockLength = 64;

    private readonly IpsecMbKeyHandle _handle = new(Size);
    private byte* _keys;                                   // null once disposed

    /// <summary>Expands an AES key of 16 bytes and an HMAC key of at most 64 bytes.</summary>
    public IpsecMbCounterKey(LibIpsecMb library, ReadOnlySpan<byte> key, ReadOnlySpan<byte> authenticationKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, 16);
        _keys = _handle.Pointer;
        fixed (byte* bytes = key) library.ExpandKey128(bytes, _keys, _keys + DecryptAt);
        HashPadded(library, authenticationKey, 0x36, _keys + InnerAt);
        HashPadded(library, authenticationKey, 0x5C, _keys + OuterAt);
    }

    /// <summary>The encryption schedule.</summary>
    internal byte* Encrypt => Keys;

    /// <summary>The decryption schedule, which counter mode does not use but the library asks for.</summary>
    internal byte* Decrypt => Keys + DecryptAt;

    /// <summary>SHA-1 state after the inner padded key.</summary>
    internal byte* Inner => Keys + InnerAt;

    /// <summary>SHA-1 state after the outer padded key.</summary>
    internal byte* Outer => Keys + OuterAt;

    /// <summary>Fetches the keys into the caches.</summary>
    internal void Prefetch()
    {
        CacheHint.Fetch(_keys, DecryptAt);
        CacheHint.Fetch(_keys + InnerAt);
    }

    private byte* Keys
    {
        get
        {
            ObjectDisposedException.ThrowIf(_keys == null, this);
            return _keys;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys = null;
        _handle.Dispose();
    }

    private static void HashPadded(LibIpsecMb library, ReadOnlySpan<byte> key, byte pad, byte* state)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (int i = 0; i < key.Length; i++) block[i] ^= key[i];
        fixed (byte* bytes = block) library.Sha1OneBlock(bytes, state);
        CryptographicOperations.ZeroMemory(block);
    }
}
