using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sfu.Tests.Hosting;

/// <summary>A small certificate authority in memory: root, intermediate, server.</summary>
internal static class TestCertificates
{
    public static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-1);
    public static readonly DateTimeOffset End = DateTimeOffset.UtcNow.AddDays(30);

    /// <summary>Makes a server certificate with its chain (server, intermediate) and its key, all as PEM.</summary>
    public static (string Chain, string Key) Make(string name, DateTimeOffset? end = null)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = Authority("CN=root", rootKey).CreateSelfSigned(Begin.AddDays(-9), End.AddDays(9));
        using X509Certificate2 middle = Authority("CN=intermediate", middleKey).Create(root, Begin.AddDays(-8), End.AddDays(8), [1, 2, 3]);
        using X509Certificate2 middleWithKey = middle.CopyWithPrivateKey(middleKey);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset last = end ?? End;
        using X509Certificate2 server = request.Create(middleWithKey, last < Begin ? last.AddDays(-1) : Begin, last, [4, 5, 6]);
        return (server.ExportCertificatePem() + "\n" + middle.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
