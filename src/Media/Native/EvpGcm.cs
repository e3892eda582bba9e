using Sfu.Media.Srtp;

namespace Sfu.Media.Native;

/// <summary>AES-GCM of OpenSSL.</summary>
/// <param name="key">16 or 32 bytes.</param>
/// <param name="encrypt">True to seal, false to open.</param>
internal sealed class EvpGcm(ReadOnlySpan<byte> key, bool encrypt) : AeadCipher
{
    private readonly EvpCipher _cipher = EvpCipher.Gcm(key, encrypt);

    /// <inheritdoc/>
    public override void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> output) =>
        _cipher.Seal(iv, associated, plain, output);

    /// <inheritdoc/>
    public override bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> output) =>
        _cipher.TryOpen(iv, associated, cipher, tag, output);

    /// <inheritdoc/>
    public override void Dispose() => _cipher.Dispose();
}
