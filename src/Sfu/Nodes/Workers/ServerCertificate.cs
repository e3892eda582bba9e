using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sfu.Media.Dtls;

namespace Sfu.Nodes.Workers;

/// <summary>Makes the node's DTLS certificate: ECDSA P-256, new with each start, trusted by its fingerprint in the SDP (RFC 8827 section 6.5).</summary>
internal static class ServerCertificate
{
    /// <summary>Makes one; clients do not look at its dates, which are therefore wide.</summary>
    internal static DtlsCertificate Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sfu", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return new DtlsCertificate(certificate.RawData, key.ExportPkcs8PrivateKey());
    }
}
