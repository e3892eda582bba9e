using Sfu.Media.Native;

namespace Sfu.Media.Srtp;

/// <summary>The library that encrypts and decrypts under the GCM profiles, and encrypts RTP under AES-CM where several packets leave
/// together; SRTCP under AES-CM, key derivation and single AES-CM packets are always OpenSSL's.</summary>
/// <remarks>Chosen once per process by CPU and self-test (docs/adr/0002-srtp-engines.md). Immutable; shared by all workers.</remarks>
public sealed class SrtpEngine
{
    private static readonly Lazy<SrtpEngine> Chosen = new(Choose);
    private readonly LibIpsecMb? _ipsecMb;

    private SrtpEngine(LibIpsecMb? ipsecMb, string name, string description)
    {
        _ipsecMb = ipsecMb;
        Name = name;
        Description = description;
    }

    /// <summary>OpenSSL, which is always there.</summary>
    public static SrtpEngine OpenSsl { get; } = new(null, "openssl", "OpenSSL EVP");

    /// <summary>The fastest engine that works here. The first use loads and tests it (a few ms): let it be at start-up.</summary>
    public static SrtpEngine Best => Chosen.Value;

    /// <summary><c>ipsec-mb</c> or <c>openssl</c>: a label value of metrics.</summary>
    public string Name { get; }

    /// <summary>One line for the log: version and instruction set, or why IPsec-MB is not used.</summary>
    public string Description { get; }

    /// <summary>Tries IPsec-MB.</summary>
    /// <param name="refusal">Why it is not used, when null is returned.</param>
    internal static SrtpEngine? TryIpsecMb(out string refusal)
    {
        if (LibIpsecMb.TryLoad(out refusal) is not { } library) return null;
        var engine = new SrtpEngine(library, "ipsec-mb", library.Description);
        refusal = library.Description + " gave results that differ from OpenSSL's";
        return SrtpSelfTest.AgreesWithOpenSsl((key, encrypt) => engine.CreateGcm(key, encrypt)) && SrtpSelfTest.AgreesWithOpenSsl(engine) ? engine : null;
    }

    /// <summary>Makes a cipher with a key of 16 or 32 bytes, for one direction.</summary>
    internal AeadCipher CreateGcm(ReadOnlySpan<byte> key, bool encrypt) => _ipsecMb is null ? new EvpGcm(key, encrypt) : new IpsecMbGcm(_ipsecMb, key);

    /// <summary>Makes the batch of one media worker.</summary>
    public SrtpBatch CreateBatch() => new(_ipsecMb is null ? null : new IpsecMbJobs(_ipsecMb));

    /// <summary>Keys of an AES-CM sender for a batch; null when this engine has none.</summary>
    internal IpsecMbCounterKey? CreateCounterKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> authenticationKey) =>
        _ipsecMb is null ? null : new IpsecMbCounterKey(_ipsecMb, key, authenticationKey);

    private static SrtpEngine Choose() => TryIpsecMb(out string refusal) ?? new SrtpEngine(null, OpenSsl.Name, $"{OpenSsl.Description}; {refusal}");
}
