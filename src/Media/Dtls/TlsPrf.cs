using System.Security.Cryptography;

namespace Sfu.Media.Dtls;

/// <summary>The pseudo-random function of TLS 1.2 (RFC 5246 section 5).</summary>
internal static class TlsPrf
{
    /// <summary>Fills <paramref name="output"/> with P_SHA256 or P_SHA384 of a secret over label and seed, at most 128 bytes together.</summary>
    internal static void Expand(bool isSha384, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> seed, Span<byte> output)
    {
        int size = isSha384 ? SHA384.HashSizeInBytes : SHA256.HashSizeInBytes;
        Span<byte> buffer = stackalloc byte[SHA384.HashSizeInBytes + 128];
        Span<byte> block = stackalloc byte[SHA384.HashSizeInBytes];
        label.CopyTo(buffer[size..]);
        seed.CopyTo(buffer[(size + label.Length)..]);
        Span<byte> chained = buffer[..size];                                  // A(i), in front of label and seed
        Span<byte> both = buffer[..(size + label.Length + seed.Length)];
        Hmac(isSha384, secret, both[size..], chained);
        while (true)
        {
            Hmac(isSha384, secret, both, block);
            int taken = Math.Min(size, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
            if (output.IsEmpty) break;
            Hmac(isSha384, secret, chained, block);
            block[..size].CopyTo(chained);
        }

        CryptographicOperations.ZeroMemory(buffer);
        CryptographicOperations.ZeroMemory(block);
    }

    private static void Hmac(bool isSha384, ReadOnlySpan<byte> key, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (isSha384) HMACSHA384.HashData(key, source, destination);
        else HMACSHA256.HashData(key, source, destination);
    }
}
