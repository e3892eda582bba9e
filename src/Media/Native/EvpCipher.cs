using System.Security.Cryptography;

namespace Sfu.Media.Native;

/// <summary>One keyed AES cipher of OpenSSL: the key schedule is made once, each packet sets its IV only.</summary>
/// <remarks>Owned by one SRTP context, used by one thread; not thread-safe.</remarks>
internal sealed unsafe class EvpCipher : IDisposable
{
    private readonly EvpCipherHandle _handle = new();
    private nint _context;                                 // 0 once disposed

    private EvpCipher(nint cipher, ReadOnlySpan<byte> key, bool encrypt)
    {
        _context = _handle.DangerousGetHandle();
        fixed (byte* keyBytes = key)
            Check(LibCrypto.CipherInit(_context, cipher, 0, keyBytes, null, encrypt ? 1 : 0));
    }

    /// <summary>AES-GCM with a 12 byte IV and a 16 byte tag; the key has 16 or 32 bytes.</summary>
    public static EvpCipher Gcm(ReadOnlySpan<byte> key, bool encrypt) => new(key.Length == 32 ? LibCrypto.Aes256Gcm() : LibCrypto.Aes128Gcm(), key, encrypt);

    /// <summary>AES in counter mode with a 16 byte IV; the key has 16 or 32 bytes.</summary>
    public static EvpCipher Counter(ReadOnlySpan<byte> key) => new(key.Length == 32 ? LibCrypto.Aes256Ctr() : LibCrypto.Aes128Ctr(), key, encrypt: true);

    /// <summary>XORs the key stream of <paramref name="iv"/> over <paramref name="input"/>; both spans may be the same memory.</summary>
    public void Xor(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        int written;
        fixed (byte* ivBytes = iv, from = input, to = output)
        {
            Check(LibCrypto.CipherInit(_context, 0, 0, null, ivBytes, 1));
            if (input.Length > 0) Check(LibCrypto.CipherUpdate(_context, to, &written, from, input.Length));
        }
        GC.KeepAlive(_handle);
    }

    /// <summary>Encrypts and writes the 16 byte tag behind the ciphertext.</summary>
    public void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        int written;
        byte none;
        fixed (byte* ivBytes = iv, with = associated, from = plain, to = output)
        {
            Check(LibCrypto.CipherInit(_context, 0, 0, null, ivBytes, 1));
            Check(LibCrypto.CipherUpdate(_context, null, &written, with, associated.Length));
            if (plain.Length > 0) Check(LibCrypto.CipherUpdate(_context, to, &written, from, plain.Length));
            Check(LibCrypto.CipherFinal(_context, &none, &written));
            Check(LibCrypto.CipherControl(_context, LibCrypto.CtrlGetTag, 16, to + plain.Length));
        }
        GC.KeepAlive(_handle);
    }

    /// <summary>Decrypts; false when the tag is wrong, then the output is cleared.</summary>
    public bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        int written;
        byte none;
        bool genuine;
        fixed (byte* ivBytes = iv, with = associated, from = cipher, to = output, tagBytes = tag)
        {
            Check(LibCrypto.CipherInit(_context, 0, 0, null, ivBytes, 0));
            Check(LibCrypto.CipherControl(_context, LibCrypto.CtrlSetTag, 16, tagBytes));
            Check(LibCrypto.CipherUpdate(_context, null, &written, with, associated.Length));
            if (cipher.Length > 0) Check(LibCrypto.CipherUpdate(_context, to, &written, from, cipher.Length));
            genuine = LibCrypto.CipherFinal(_context, &none, &written) == 1;
        }
        GC.KeepAlive(_handle);
        if (!genuine) CryptographicOperations.ZeroMemory(output[..cipher.Length]);
        return genuine;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context = 0;
        _handle.Dispose();
    }

    private static void Check(int result)
    {
        if (result != 1) throw new CryptographicException("An OpenSSL cipher call with valid arguments failed.");
    }
}
