using System.Globalization;
using System.Security.Cryptography;

namespace Sfu.Recorder.Evidence;

/// <summary>One tenant's root key and its signers on this node: made on first use, kept in files that only the server may read.</summary>
/// <remarks>
/// A recording keeps the signer it began with, so that its <c>keys.json</c> is written once. Thread-safe; disposing forgets the private keys.
/// </remarks>
public sealed class SigningKeys : IDisposable
{
    private const string RootFile = "root.key";
    private const string ListFile = "keys.json";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly string _node;
    private readonly SigningKeyOptions _options;
    private readonly ECDsa _root;
    private readonly Dictionary<string, ECDsa> _private = new(StringComparer.Ordinal);
    private List<KeyEntry> _keys = [];

    private SigningKeys(string folder, string node, SigningKeyOptions options, ECDsa root)
    {
        (_folder, _node, _options, _root) = (folder, node, options, root);
        RootPem = Pem(root);
        RootId = $"root-{Fingerprint(root)}";
    }

    /// <summary>Id of the root key: <c>root-</c> and the first 16 digits of its fingerprint.</summary>
    public string RootId { get; }

    /// <summary>Public root key, for whoever checks; it should reach them by another way than the recordings.</summary>
    public string RootPem { get; }

    /// <summary>Opens the keys in a folder, or makes them.</summary>
    /// <param name="folder">The tenant's folder of keys, outside of the recordings.</param>
    /// <param name="node">This node's name; part of the signers' ids.</param>
    /// <param name="options">How long signers live.</param>
    public static SigningKeys Open(string folder, string node, SigningKeyOptions options)
    {
        if (options.Problem() is { } problem) throw new ArgumentException(problem, nameof(options));
        DurableFile.CreateFolder(folder);
        string rootPath = Path.Combine(folder, RootFile);
        bool isNew = !File.Exists(rootPath);
        ECDsa root = isNew ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : ReadPrivate(rootPath);
        var keys = new SigningKeys(folder, SafeName(node), options, root);
        if (isNew) DurableFile.Write(rootPath, Ascii(root.ExportPkcs8PrivateKeyPem() + "\n"), secret: true);
        string publicPath = Path.Combine(folder, "root.pem");
        if (!File.Exists(publicPath)) DurableFile.Write(publicPath, Ascii(keys.RootPem));
        keys.Load();
        return keys;
    }

    /// <summary>The signer that new recordings take now; a fresh one when the last is old.</summary>
    /// <param name="now">UTC.</param>
    /// <returns>Its id.</returns>
    public string Current(DateTimeOffset now)
    {
        lock (_gate)
        {
            KeyEntry? newest = _keys.Where(key => _private.ContainsKey(key.Id) && Time(key.NotBefore) <= now && now < Time(key.NotBefore) + _options.RotateAfter)
                .MaxBy(key => Time(key.NotBefore));
            return newest?.Id ?? Add(now);
        }
    }

    /// <summary>True when a signer's private key is here and a signature made now would count.</summary>
    /// <param name="signer">Id.</param>
    /// <param name="now">UTC.</param>
    public bool CanSign(string signer, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _private.ContainsKey(signer) && _keys.Any(key => key.Id == signer && Time(key.NotBefore) <= now && now <= Time(key.NotAfter));
        }
    }

    /// <summary>Signs the exact bytes of a file.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="signer">Id of a signer for which <see cref="CanSign"/> holds.</param>
    /// <returns>DER, as <c>openssl dgst -sign</c> makes it.</returns>
    public byte[] Sign(ReadOnlySpan<byte> content, string signer)
    {
        lock (_gate) return Sign(_private[signer], content);
    }

    /// <summary>The list of some signers, as exact bytes, and the root's signature over them.</summary>
    /// <param name="signers">Ids.</param>
    public (byte[] Json, byte[] Signature, IReadOnlyList<KeyEntry> Keys) PublicKeys(IReadOnlyCollection<string> signers)
    {
        lock (_gate)
        {
            List<KeyEntry> keys = [.. _keys.Where(key => signers.Contains(key.Id))];
            byte[] json = ManifestJson.Serialize(new KeyList("sfu-keys/1", RootId, keys));
            return (json, Sign(_root, json), keys);
        }
    }

    /// <summary>Forgets the private keys.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _root.Dispose();
            foreach (ECDsa key in _private.Values) key.Dispose();
            _private.Clear();
        }
    }

    internal static string Pem(ECDsa key) => key.ExportSubjectPublicKeyInfoPem() + "\n";

    private static byte[] Sign(ECDsa key, ReadOnlySpan<byte> content) =>
        key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private static string Fingerprint(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    /// <summary>Letters, digits, dots and dashes: the id is part of a file name.</summary>
    private static string SafeName(string node) =>
        node.Length == 0 ? "node" : string.Concat(node.Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-')).TrimStart('.');

    private static ECDsa ReadPrivate(string path)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return key;
    }

    /// <summary>A signer's private key is on disk before the list names it: a listed key without one ended with another disk.</summary>
    private void Load()
    {
        string path = Path.Combine(_folder, ListFile);
        if (!File.Exists(path)) return;
        _keys = [.. ManifestJson.ReadKeys(File.ReadAllBytes(path)).Keys];
        foreach (string id in _keys.Select(key => key.Id))
        {
            string file = KeyPath(id);
            if (File.Exists(file)) _private[id] = ReadPrivate(file);
        }
    }

    private string Add(DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string id = string.Create(CultureInfo.InvariantCulture, $"{_node}-{now.UtcDateTime:yyyyMMdd}-{Fingerprint(key)[..8]}");
        DateTimeOffset from = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var entry = new KeyEntry(id, "ES256", Pem(key), ManifestJson.Utc(from), ManifestJson.Utc(from + _options.RotateAfter + _options.Overlap));
        DurableFile.Write(KeyPath(id), Ascii(key.ExportPkcs8PrivateKeyPem() + "\n"), secret: true);
        List<KeyEntry> keys = [.. _keys, entry];
        DurableFile.Write(Path.Combine(_folder, ListFile), ManifestJson.Serialize(new KeyList("sfu-keys/1", RootId, keys)));
        (_keys, _private[id]) = (keys, key);
        ForgetExpired(now);
        return id;
    }

    /// <summary>A private key that may sign nothing any more is deleted: what is gone cannot be stolen.</summary>
    private void ForgetExpired(DateTimeOffset now)
    {
        foreach (string id in _keys.Where(key => Time(key.NotAfter) < now).Select(key => key.Id).ToArray())
        {
            if (!_private.Remove(id, out ECDsa? old)) continue;
            old.Dispose();
            File.Delete(KeyPath(id));
        }
    }

    private string KeyPath(string id) => Path.Combine(_folder, $"{id}.key");
}
