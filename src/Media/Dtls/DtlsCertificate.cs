using System.Security.Cryptography;

namespace Sfu.Media.Dtls;

/// <summary>A P-256 certificate with its key, as DTLS needs them. Made once per process; the caller creates it (that needs a clock).</summary>
public sealed class DtlsCertificate
{
    /// <summary>Takes a DER certificate and its PKCS#8 key.</summary>
    public DtlsCertificate(ReadOnlyMemory<byte> certificateDer, ReadOnlyMemory<byte> privateKeyPkcs8)
    {
        CertificateDer = certificateDer;
        PrivateKey = privateKeyPkcs8;
        Fingerprint = new DtlsFingerprint("sha-256", SHA256.HashData(certificateDer.Span));
    }

    /// <summary>What the SDP says of it.</summary>
    public DtlsFingerprint Fingerprint { get; }

    internal ReadOnlyMemory<byte> CertificateDer { get; }

    internal ReadOnlyMemory<byte> PrivateKey { get; }
}

/// <summary>Which side of the handshake.</summary>
public enum DtlsRole
{
    /// <summary>Waits for a ClientHello: a=setup:passive.</summary>
    Server,

    /// <summary>Begins: a=setup:active.</summary>
    Client,
}

/// <summary>Where a DTLS transport is.</summary>
public enum DtlsState
{
    /// <summary>Nothing received or sent yet.</summary>
    New,

    /// <summary>In the handshake.</summary>
    Handshaking,

    /// <summary>Keys may be taken.</summary>
    Connected,

    /// <summary>The handshake failed for good.</summary>
    Failed,

    /// <summary>The other side's certificate is not the signalled one; no keys exist.</summary>
    FingerprintMismatch,

    /// <summary>Closed by either side.</summary>
    Closed,
}
