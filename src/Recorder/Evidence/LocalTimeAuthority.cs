using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Sfu.Recorder.Evidence;

/// <summary>An RFC 3161 time-stamp authority inside the server, for a server that has no other.</summary>
/// <remarks>
/// It attests no more than the server's own clock, but in the form every auditor's tool reads; a real authority is one option away.
/// Key and certificate lie in one folder, made on first use. Thread-safe.
/// </remarks>
public sealed class LocalTimeAuthority : ITimeAuthority, IDisposable
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private const string TstInfoType = "1.2.840.113549.1.9.16.1.4";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    private const string Sha256Oid = "2.16.840.1.101.3.4.2.1";
    /// <summary>"Baseline time-stamp policy" of ETSI EN 319 421.</summary>
    private const string Policy = "0.4.0.2023.1.1";
    private const int Years = 20;

    private readonly Lock _gate = new();
    private readonly X509Certificate2 _certificate;

    private readonly TimeProvider _time;

    private LocalTimeAuthority(X509Certificate2 certificate, TimeProvider time) => (_certificate, _time) = (certificate, time);

    /// <summary>Its certificate in PEM.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Opens the authority in a folder, or makes it.</summary>
    /// <param name="folder">Where key and certificate lie.</param>
    /// <param name="time">The clock that it attests; a new certificate is valid from the day before.</param>
    public static LocalTimeAuthority Open(string folder, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        string keyPath = Path.Combine(folder, "tsa.key"), certificatePath = Path.Combine(folder, "tsa.pem");
        if (File.Exists(certificatePath)) return new LocalTimeAuthority(X509Certificate2.CreateFromPemFile(certificatePath, keyPath), time);
        DurableFile.CreateFolder(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sfu local time-stamp authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TimeStamping)], critical: true)); // RFC 3161 section 2.3
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        DurableFile.Write(keyPath, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), secret: true);
        DurableFile.Write(certificatePath, System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"));
        return new LocalTimeAuthority(certificate, time);
    }

    /// <summary>Answers a request.</summary>
    /// <param name="request">DER of a TimeStampReq.</param>
    /// <param name="now">UTC, the time that is attested.</param>
    /// <returns>DER of a TimeStampResp, or null when the request cannot be read.</returns>
    public byte[]? Answer(ReadOnlyMemory<byte> request, DateTimeOffset now)
    {
        if (!Rfc3161TimestampRequest.TryDecode(request, out Rfc3161TimestampRequest? decoded, out int read) || read != request.Length) return null;
        if (decoded.HashAlgorithmId.Value != Sha256Oid || decoded.GetMessageHash().Length != 32) return null;
        byte[] token = Sign(TstInfo(decoded, now), decoded.RequestSignerCertificate);
        var response = new AsnWriter(AsnEncodingRules.DER);
        using (response.PushSequence())
        {
            using (response.PushSequence()) response.WriteInteger(0); // granted
            response.WriteEncodedValue(token);
        }
        return response.Encode();
    }

    /// <inheritdoc/>
    public Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) => Task.FromResult(Answer(request, _time.GetUtcNow()));

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _certificate.Dispose();

    private static byte[] TstInfo(Rfc3161TimestampRequest request, DateTimeOffset now)
    {
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier(Policy);
            using (writer.PushSequence())
            {
                using (writer.PushSequence()) writer.WriteObjectIdentifier(Sha256Oid);
                writer.WriteOctetString(request.GetMessageHash().Span);
            }
            writer.WriteInteger(new BigInteger(serial, isUnsigned: true));
            writer.WriteGeneralizedTime(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()));
            if (request.GetNonce() is { } nonce) writer.WriteInteger(nonce.Span);
        }
        return writer.Encode();
    }

    private byte[] Sign(byte[] info, bool withCertificate)
    {
        var cms = new SignedCms(new ContentInfo(new Oid(TstInfoType), info));
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _certificate)
        {
            DigestAlgorithm = new Oid(Sha256Oid),
            IncludeOption = withCertificate ? X509IncludeOption.EndCertOnly : X509IncludeOption.None, // RFC 3161 section 2.4.1, certReq
        };
        signer.SignedAttributes.Add(new Pkcs9AttributeObject(new Oid(SigningCertificateV2), CertificateId()));
        lock (_gate) cms.ComputeSignature(signer);
        return cms.Encode();
    }

    /// <summary>SigningCertificateV2 with the default hash, SHA-256 (RFC 5816, RFC 5035 section 4).</summary>
    private byte[] CertificateId()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence()) writer.WriteOctetString(SHA256.HashData(_certificate.RawDataMemory.Span));
        return writer.Encode();
    }
}
