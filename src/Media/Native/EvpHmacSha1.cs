using System.Security.Cryptography;

namespace Sfu.Media.Native;

/// <summary>HMAC-SHA1 of OpenSSL with one key (RFC 2104): both padded keys are hashed once, each message starts from copies.</summary>
/// <remarks>Owned by one SRTP context, used by one thread. Copying the two states saves two of a short message's four SHA-1 blocks and
/// the look-up of the algorithm.</remarks>
internal sealed unsafe class EvpHmacSha1 : IDisposable
{
    /// <summary>Length of the result in bytes.</summary>
    public const int Length = 20;

    private const int BlockLength = 64;
    private readonly EvpDigestHandle _inner = new();
    private readonly EvpDigestHandle _outer = new();
    private readonly EvpDigestHandle _work = new();
    private bool _isDisposed;

    /// <summary>Takes a key of at most 64 bytes.</summary>
    public EvpHmacSha1(ReadOnlySpan<byte> key)
    {
        Start(_inner.DangerousGetHandle(), key, 0x36);
        Start(_outer.DangerousGetHandle(), key, 0x5C);
    }

    /// <summary>Computes the 20 byte code of a message.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> code)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        byte* digest = stackalloc byte[Length];
        nint work = _work.DangerousGetHandle();
        fixed (byte* bytes = message) Finish(_inner.DangerousGetHandle(), work, bytes, message.Length, digest);
        Finish(_outer.DangerousGetHandle(), work, digest, Length, digest);
        GC.KeepAlive(this);
        new ReadOnlySpan<byte>(digest, Length).CopyTo(code);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _inner.Dispose();
        _outer.Dispose();
        _work.Dispose();
    }

    private static void Start(nint state, ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (int i = 0; i < key.Length; i++) block[i] ^= key[i];
        fixed (byte* bytes = block)
        {
            Check(LibCrypto.DigestInit(state, LibCrypto.Sha1(), 0));
            Check(LibCrypto.DigestUpdate(state, bytes, BlockLength));
        }
        CryptographicOperations.ZeroMemory(block);
    }

    private static void Finish(nint from, nint work, byte* bytes, int length, byte* digest)
    {
        uint written;
        Check(LibCrypto.DigestContextCopy(work, from));
        Check(LibCrypto.DigestUpdate(work, bytes, (nuint)length));
        Check(LibCrypto.DigestFinal(work, digest, &written));
    }

    private static void Check(int result)
    {
        if (result != 1) throw new CryptographicException("An OpenSSL digest call with valid arguments failed.");
    }
}
