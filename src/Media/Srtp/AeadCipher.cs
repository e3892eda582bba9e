namespace Sfu.Media.Srtp;

/// <summary>AES-GCM with one key in one direction: the seam between SRTP's own code and the libraries that do its cipher.</summary>
/// <remarks>Owned by one SRTP context, used by one thread. IV 12 bytes, tag 16 bytes (RFC 7714). Disposing clears the key.</remarks>
internal abstract class AeadCipher : IDisposable
{
    /// <summary>Length of the tag in bytes.</summary>
    public const int TagLength = 16;

    /// <summary>Fetches the key into the caches, as far as that is known how.</summary>
    public virtual void Prefetch()
    {
    }

    /// <summary>Encrypts and writes the tag behind the ciphertext.</summary>
    /// <param name="iv">12 bytes; never twice with one key.</param>
    /// <param name="associated">Authenticated only; not empty.</param>
    /// <param name="plain">May be empty; in the memory of <paramref name="output"/> or apart from it.</param>
    /// <param name="output">Takes the ciphertext and the tag.</param>
    public abstract void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> output);

    /// <summary>Decrypts; false when the tag is wrong, then the output is cleared.</summary>
    /// <param name="iv">12 bytes.</param>
    /// <param name="associated">Authenticated only; not empty.</param>
    /// <param name="cipher">Ciphertext without its tag; may be empty.</param>
    /// <param name="tag">16 bytes.</param>
    /// <param name="output">Takes the plaintext: the memory of <paramref name="cipher"/>, or memory apart from it.</param>
    public abstract bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> output);

    /// <inheritdoc/>
    public abstract void Dispose();
}
