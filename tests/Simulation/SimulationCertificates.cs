using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sfu.Media.Dtls;

namespace Sfu.Simulation;

/// <summary>Self-signed P-256 certificates with fixed dates.</summary>
internal static class SimulationCertificates
{
    internal static DtlsCertificate Create(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new DtlsCertificate(certificate.RawData, key.ExportPkcs8PrivateKey());
    }
}
