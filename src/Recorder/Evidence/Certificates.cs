using System.Security.Cryptography.X509Certificates;

namespace Sfu.Recorder.Evidence;

/// <summary>Certificates as text.</summary>
internal static class Certificates
{
    /// <summary>The certificates of a PEM text and nothing else, in the one form that the verifier takes.</summary>
    internal static string Canonical(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        try
        {
            return string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates) certificate.Dispose();
        }
    }
}
