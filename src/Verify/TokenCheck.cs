using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sfu.Verify;

/// <summary>What a token is worth.</summary>
internal enum TokenState
{
    /// <summary>It attests the file.</summary>
    Good,

    /// <summary>It cannot be read, its signature is wrong, or it attests another file.</summary>
    Wrong,

    /// <summary>It is in order, but nobody here knows who made it.</summary>
    UnknownAuthority,
}

/// <summary>Checks RFC 3161 responses against the authorities of <c>tsa.pem</c>.</summary>
internal sealed class TokenCheck : IDisposable
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private const int MaxCertificates = 100;

    private readonly X509Certificate2Collection _authorities = [];

    internal bool HasAuthorities => _authorities.Count > 0;

    /// <summary>Reads certificates. False unless the text is their PEM and nothing else.</summary>
    internal bool Load(byte[] pem)
    {
        string text = Encoding.Latin1.GetString(pem);
        var canonical = new StringBuilder();
        try
        {
            for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields fields) && _authorities.Count < MaxCertificates; rest = rest[fields.Location.End..])
            {
                X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
                _authorities.Add(certificate);
                canonical.Append(certificate.ExportCertificatePem()).Append('\n');
            }
        }
        catch (Exception failure) when (failure is FormatException || IsParserTrouble(failure))
        {
            return false;
        }
        return HasAuthorities && canonical.ToString() == text;
    }

    /// <summary>Checks one response.</summary>
    /// <param name="response">DER of a TimeStampResp.</param>
    /// <param name="content">The file that it should attest.</param>
    /// <param name="time">The attested time.</param>
    /// <param name="detail">The authority's name when good, else what is wrong.</param>
    internal TokenState Check(byte[] response, byte[] content, out DateTimeOffset time, out string detail)
    {
        time = default;
        try
        {
            if (Token(response, out ReadOnlyMemory<byte> encoded) is not { } token)
            {
                detail = "no time-stamp response that was granted";
                return TokenState.Wrong;
            }
            SignedCms cms = token.AsSignedCms();
            X509Certificate2Collection embedded = cms.Certificates;
            time = token.TokenInfo.Timestamp;
            bool isSigned = token.VerifySignatureForData(content, out X509Certificate2? signer, _authorities);
            if (!isSigned || signer is null || !IsStrict(cms, encoded))
            {
                bool isOther = !token.TokenInfo.GetMessageHash().Span.SequenceEqual(SHA256.HashData(content));
                detail = isOther ? "it attests another file" : "its signature is wrong";
                return TokenState.Wrong;
            }
            detail = signer.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            foreach (X509Certificate2 certificate in embedded)
            {
                if (IsKnown(certificate, embedded, time)) continue;
                detail = $"{detail} is not in tsa.pem";
                return TokenState.UnknownAuthority;
            }
            if (IsKnown(signer, embedded, time)) return TokenState.Good;
            detail = $"{detail} is not in tsa.pem";
            return TokenState.UnknownAuthority;
        }
        catch (Exception failure) when (IsParserTrouble(failure))
        {
            detail = "it cannot be read";
            return TokenState.Wrong;
        }
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in _authorities) certificate.Dispose();
    }

    /// <summary>What the base library's parsers throw at hostile certificates and tokens; an unknown curve is "not supported on this platform".</summary>
    private static bool IsParserTrouble(Exception failure) =>
        failure is CryptographicException or AsnContentException or ArgumentException or InvalidOperationException or OverflowException or NotSupportedException;

    /// <summary>Response = SEQUENCE { status SEQUENCE { INTEGER 0 }, token }, and nothing else: bytes without a meaning could change unseen.</summary>
    private static Rfc3161TimestampToken? Token(byte[] response, out ReadOnlyMemory<byte> encoded)
    {
        var reader = new AsnReader(response, AsnEncodingRules.BER);
        AsnReader outer = reader.ReadSequence();
        ReadOnlyMemory<byte> status = outer.ReadEncodedValue();
        encoded = outer.ReadEncodedValue();
        if (outer.HasData || reader.HasData || !status.Span.SequenceEqual<byte>([0x30, 3, 2, 1, 0])) return null;
        return Rfc3161TimestampToken.TryDecode(encoded, out Rfc3161TimestampToken? token, out int read) && read == encoded.Length ? token : null;
    }

    /// <summary>The parts of the envelope that the signature does not cover have the one value that RFC 3161 and RFC 5652 give them.</summary>
    private static bool IsStrict(SignedCms cms, ReadOnlyMemory<byte> encoded)
    {
        if (cms.Version != 3 || cms.SignerInfos.Count != 1) return false;
        SignerInfo signer = cms.SignerInfos[0];
        int version = signer.SignerIdentifier.Type == SubjectIdentifierType.IssuerAndSerialNumber ? 1 : 3;
        return signer.Version == version && signer.UnsignedAttributes.Count == 0 && signer.CounterSignerInfos.Count == 0
            && IsPlain(encoded, signer.DigestAlgorithm.Value!);
    }

    /// <summary>Nothing but what a token needs: SignedData.digestAlgorithms names the signer's algorithm once, with parameters absent or NULL (RFC 5652 section 5.1, RFC 5754 section 2).</summary>
    private static bool IsPlain(ReadOnlyMemory<byte> encoded, string digest)
    {
        AsnReader content = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence();
        content.ReadObjectIdentifier();
        AsnReader signedData = content.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        signedData.ReadInteger();
        AsnReader algorithms = signedData.ReadSetOf();
        AsnReader algorithm = algorithms.ReadSequence();
        if (algorithms.HasData || algorithm.ReadObjectIdentifier() != digest) return false;
        if (algorithm.HasData) algorithm.ReadNull();
        if (algorithm.HasData) return false;
        signedData.ReadEncodedValue();                         // encapContentInfo: signed
        if (signedData.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0))) signedData.ReadEncodedValue(); // certificates: each is checked
        return signedData.PeekTag().HasSameClassAndValue(Asn1Tag.SetOf);   // signerInfos follow, and no revocation lists
    }

    /// <summary>A certificate of tsa.pem itself, or one below such: with the purpose of RFC 3161 section 2.3 and valid at the time.</summary>
    private bool IsKnown(X509Certificate2 certificate, X509Certificate2Collection embedded, DateTimeOffset time)
    {
        if (_authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
            return certificate.NotBefore.ToUniversalTime() <= time.UtcDateTime && time.UtcDateTime <= certificate.NotAfter.ToUniversalTime();
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.ExtraStore.AddRange(embedded);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any()) chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        try
        {
            return chain.Build(certificate);
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        }
    }
}
