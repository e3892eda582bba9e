using System.Security.Cryptography;
using System.Text;

namespace Sfu.Verify;

/// <summary>A signer's key and when it may sign.</summary>
internal sealed record Signer(string Id, ECDsa Key, string Pem, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>The signers of <c>keys.json</c>. Holds native keys until disposed.</summary>
internal sealed class KeyRing : IDisposable
{
    internal const int MaxKeys = 10_000;
    private const int MaxPem = 4096;

    /// <summary>SubjectPublicKeyInfo of an uncompressed point of P-256 (RFC 5480 section 2), up to the point. Nothing else is handed to a parser.</summary>
    private static readonly byte[] P256Prefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private readonly Dictionary<string, Signer> _signers = new(StringComparer.Ordinal);

    /// <summary>Id of the root that the list names.</summary>
    internal string Root { get; private set; } = "";

    internal IEnumerable<Signer> Signers => _signers.Values;

    internal Signer? Find(string id) => _signers.GetValueOrDefault(id);

    /// <summary>Reads a list of keys; throws <see cref="MalformedException"/>.</summary>
    internal static KeyRing Parse(byte[] json)
    {
        var ring = new KeyRing();
        try
        {
            using System.Text.Json.JsonDocument document = Json.Parse(json);
            System.Text.Json.JsonElement root = document.RootElement;
            if (root.Text("v") != "sfu-keys/1") throw new MalformedException("v: another version");
            ring.Root = root.Text("root");
            foreach (System.Text.Json.JsonElement key in root.Items("keys"))
            {
                string id = key.Text("id"), pem = key.Text("pem");
                if (key.Text("alg") != "ES256" || !IsName(id) || ring._signers.Count >= MaxKeys) throw new MalformedException($"{id}: cannot be a key");
                ECDsa parsed = ParsePem(pem) ?? throw new MalformedException($"{id}: no P-256 key in PEM");
                if (ring._signers.TryAdd(id, new Signer(id, parsed, pem, key.Time("notBefore"), key.Time("notAfter")))) continue;
                parsed.Dispose();
                throw new MalformedException($"{id}: listed twice");
            }
            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    /// <summary>A P-256 public key; null unless the text is its PEM and nothing else, so that no byte of it can change unseen.</summary>
    internal static ECDsa? ParsePem(string pem)
    {
        if (pem.Length > MaxPem || !PemEncoding.TryFind(pem, out PemFields fields)) return null;
        byte[] info = Decode(pem[fields.Base64Data]);
        bool isP256 = info.Length == P256Prefix.Length + 64 && info.AsSpan().StartsWith(P256Prefix);
        if (!isP256 || PemEncoding.WriteString("PUBLIC KEY", info) + "\n" != pem) return null;
        var point = new ECPoint { X = info[^64..^32], Y = info[^32..] };
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        }
        catch (CryptographicException)
        {
            return null;                                       // not a point of the curve
        }
    }

    /// <summary>The first P-256 public key of a PEM text, whatever stands around it: for the file that who checks brings along.</summary>
    internal static ECDsa? ParseAnyPem(byte[]? pem)
    {
        string text = pem is null ? "" : Encoding.Latin1.GetString(pem);
        if (!PemEncoding.TryFind(text, out PemFields fields)) return null;
        return ParsePem(PemEncoding.WriteString(text[fields.Label], Decode(text[fields.Base64Data])) + "\n");
    }

    private static byte[] Decode(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length] : [];
    }

    internal static ECDsa? ParsePem(byte[]? pem) => pem is null ? null : ParsePem(Encoding.Latin1.GetString(pem));

    /// <summary>Id of a root key: from its fingerprint.</summary>
    internal static string RootId(ECDsa key) => $"root-{Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16]}";

    internal static bool Verify(ECDsa key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose()
    {
        foreach (Signer signer in _signers.Values) signer.Key.Dispose();
        _signers.Clear();
    }

    private static bool IsName(string id) =>
        id.Length is > 0 and <= 200 && id[0] != '.' && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
