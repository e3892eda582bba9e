namespace Sfu.Media.Dtls;

/// <summary>Hash of a DTLS certificate as <c>a=fingerprint</c> carries it (RFC 8122 section 5).</summary>
/// <param name="Algorithm">Lower-case hash name, such as <c>sha-256</c>.</param>
/// <param name="Value">The hash bytes.</param>
public sealed record DtlsFingerprint(string Algorithm, ReadOnlyMemory<byte> Value)
{
    /// <summary>The attribute's value: <c>sha-256 AB:CD:...</c>.</summary>
    public override string ToString() => $"{Algorithm} {string.Join(':', Value.ToArray().Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))}";
}
