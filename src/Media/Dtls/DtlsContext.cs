using System.Security.Cryptography;
using Sfu.Media.Native;
using Sfu.Media.Srtp;

namespace Sfu.Media.Dtls;

/// <summary>What all transports of one role share: certificate, DTLS 1.2 only, cipher suites, SRTP profiles in our order (an SSL_CTX).</summary>
/// <remarks>Immutable; may be used by several workers. Tickets, session cache and renegotiation are off.</remarks>
public sealed unsafe class DtlsContext : IDisposable
{
    // GCM only: DtlsRecord knows how short a protected record may be by that, DtlsAlerts how keys and records are made.
    internal const string CipherSuites = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";

    /// <summary>Makes the context; throws when OpenSSL refuses certificate or profiles.</summary>
    public DtlsContext(DtlsCertificate certificate, DtlsRole role, IReadOnlyList<SrtpProfile> profiles)
        : this(certificate, role, profiles, CipherSuites)
    {
    }

    /// <summary>Makes a context that knows some of our cipher suites only.</summary>
    internal DtlsContext(DtlsCertificate certificate, DtlsRole role, IReadOnlyList<SrtpProfile> profiles, string cipherSuites)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(profiles);
        Role = role;
        Handle = new SslContextHandle();
        LibSsl.ContextControl(Handle, LibSsl.CtrlSetMinProtocol, LibSsl.Dtls12, 0);
        LibSsl.ContextControl(Handle, LibSsl.CtrlSetMaxProtocol, LibSsl.Dtls12, 0);
        LibSsl.ContextControl(Handle, LibSsl.CtrlSetSessionCacheMode, 0, 0);
        LibSsl.ContextSetOptions(Handle, LibSsl.Options);
        Check(LibSsl.ContextSetCipherList(Handle, cipherSuites) == 1, "cipher suites");
        Check(LibSsl.ContextSetSrtp(Handle, string.Join(':', profiles.Select(NameOf))) == 0, "SRTP profiles");
        fixed (byte* der = certificate.CertificateDer.Span)
            Check(LibSsl.ContextUseCertificate(Handle, certificate.CertificateDer.Length, der) == 1, "certificate");
        fixed (byte* key = certificate.PrivateKey.Span)
            Check(LibSsl.ContextUsePrivateKey(LibSsl.KeyTypeEc, Handle, key, certificate.PrivateKey.Length) == 1, "private key");
        LibSsl.ContextSetVerify(Handle, LibSsl.VerifyPeerOrFail, &LibSsl.AcceptCertificate);
    }

    /// <summary>Our side.</summary>
    public DtlsRole Role { get; }

    internal SslContextHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static string NameOf(SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
        SrtpProfile.AeadAes256Gcm => "SRTP_AEAD_AES_256_GCM",
        _ => "SRTP_AES128_CM_SHA1_80",
    };

    private static void Check(bool success, string what)
    {
        if (!success) throw new CryptographicException($"OpenSSL refused the DTLS {what}.");
    }
}
