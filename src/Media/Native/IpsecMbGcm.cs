using System.Buffers.Binary;
using System.Security.Cryptography;
using Sfu.Media.Srtp;

namespace Sfu.Media.Native;

/// <summary>AES-GCM of IPsec-MB: one call per packet on a key that was expanded once.</summary>
internal sealed unsafe class IpsecMbGcm : AeadCipher
{
    private const int RoundKeys = 256;                     // the powers of the hash key behind them are read in a row, which the processor sees by itself

    private readonly LibIpsecMb _library;
    private readonly IpsecMbKeyHandle _handle = new(IpsecMbLayout.KeySize + IpsecMbLayout.ContextSize);   // and the packet at hand
    private readonly bool _is256;
    private byte* _key;                                    // null once disposed

    /// <summary>Expands a key of 16 or 32 bytes.</summary>
    public IpsecMbGcm(LibIpsecMb library, ReadOnlySpan<byte> key)
    {
        _library = library;
        _is256 = key.Length == 32;
        _key = _handle.Pointer;
        fixed (byte* bytes = key)
        {
            if (_is256) library.Prepare256(bytes, _key);
            else library.Prepare128(bytes, _key);
        }
    }

    /// <inheritdoc/>
    public override void Prefetch() => CacheHint.Fetch(_key, RoundKeys);

    /// <inheritdoc/>
    public override void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_key == null, this);
        Span<byte> tag = output.Slice(plain.Length, TagLength);    // also checks that the ciphertext fits
        fixed (byte* ivBytes = iv, with = associated, from = plain, to = output, tagBytes = tag)
        {
            var encrypt = _is256 ? _library.Encrypt256 : _library.Encrypt128;
            encrypt(_key, _key + IpsecMbLayout.KeySize, to, from, (ulong)plain.Length, ivBytes, with, (ulong)associated.Length, tagBytes, TagLength);
        }
        GC.KeepAlive(_handle);
    }

    /// <inheritdoc/>
    public override bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_key == null, this);
        Span<byte> plain = output[..cipher.Length];
        byte* computed = stackalloc byte[TagLength];
        fixed (byte* ivBytes = iv, with = associated, from = cipher, to = plain)
        {
            var decrypt = _is256 ? _library.Decrypt256 : _library.Decrypt128;
            decrypt(_key, _key + IpsecMbLayout.KeySize, to, from, (ulong)cipher.Length, ivBytes, with, (ulong)associated.Length, computed, TagLength);
        }
        GC.KeepAlive(_handle);
        // Two words at once, without a branch between them, instead of the base library's loop over bytes that is not optimized (25 ns).
        ReadOnlySpan<byte> sent = tag[..TagLength];
        ulong difference = *(ulong*)computed ^ BinaryPrimitives.ReadUInt64LittleEndian(sent);
        difference |= *(ulong*)(computed + 8) ^ BinaryPrimitives.ReadUInt64LittleEndian(sent[8..]);
        bool genuine = difference == 0;
        if (!genuine) CryptographicOperations.ZeroMemory(plain);
        return genuine;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _key = null;
        _handle.Dispose();
    }
}
