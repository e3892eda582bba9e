using Sfu.Media.Dtls;

namespace Sfu.Media.Sdp;

/// <summary>The value of <c>a=fingerprint</c> (RFC 8122 section 5).</summary>
internal static class FingerprintText
{
    /// <summary>Reads hash name and colon-separated bytes.</summary>
    /// <param name="algorithm">Hash name, any case.</param>
    /// <param name="hex">Bytes as AB:CD:...</param>
    /// <param name="fingerprint">Null for a hash nobody should rely on: unknown, or weaker than SHA-256.</param>
    /// <returns>False when the bytes do not fit the hash.</returns>
    public static bool TryParse(ReadOnlySpan<char> algorithm, ReadOnlySpan<char> hex, out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        string? name = Recognise(algorithm, out int length);
        if (name is null) return true;
        if (hex.Length != (length * 3) - 1) return false;
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            int at = i * 3;
            if (i > 0 && hex[at - 1] != ':') return false;
            if (!char.IsAsciiHexDigit(hex[at]) || !char.IsAsciiHexDigit(hex[at + 1])) return false;
            bytes[i] = (byte)((HexValue(hex[at]) << 4) | HexValue(hex[at + 1]));
        }

        fingerprint = new DtlsFingerprint(name, bytes);
        return true;
    }

    private static string? Recognise(ReadOnlySpan<char> algorithm, out int length)
    {
        (string? name, length) =
            algorithm.Equals("sha-256", StringComparison.OrdinalIgnoreCase) ? ("sha-256", 32)
            : algorithm.Equals("sha-384", StringComparison.OrdinalIgnoreCase) ? ("sha-384", 48)
            : algorithm.Equals("sha-512", StringComparison.OrdinalIgnoreCase) ? ("sha-512", 64)
            : ((string?)null, 0);
        return name;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
