using System.Security.Cryptography;
using System.Text.Json;

namespace Sfu.Verify;

/// <summary>Keys, sums and signatures of a folder: who signed what, and whether it may be believed.</summary>
internal sealed class Signatures(Evidence files, Report report) : IDisposable
{
    private const int MaxKeysSize = 8 << 20, MaxSumsSize = 64 << 20, MaxSignatureSize = 256, MaxPemSize = 4096;
    private const string KeysName = "keys.json", RootName = "root.pem";

    private KeyRing? _ring;
    private Sums? _sums;
    private readonly HashSet<string> _cut = new(StringComparer.Ordinal);

    /// <summary>Sealing came to its end.</summary>
    internal bool HasSums => _sums is not null || files.Has(Sums.Name);

    /// <summary>Says that a file is cut or gone because the end is missing: its sum cannot be right.</summary>
    internal void Excuse(string name) => _cut.Add(name);

    /// <summary>Reads keys and sums, and checks the keys against their root.</summary>
    /// <param name="pinned">PEM of the root that who checks trusts; null for none.</param>
    internal void Load(byte[]? pinned)
    {
        byte[]? keys = files.Read(KeysName, MaxKeysSize);
        if (keys is null && !files.Has(KeysName)) report.Add(Verdict.Tampered, "file_removed", KeysName, "it is written before the first segment");
        LoadRing(keys);
        LoadSums(IsSignedByRoot(keys, pinned));
        CheckSums(name => !name.EndsWith(".sfuj", StringComparison.Ordinal));
        CheckRoot(keys, pinned);
        CheckPemFiles();
    }

    /// <summary>Checks a signed manifest.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="root">Its content.</param>
    /// <param name="signedAt">When it says it was signed.</param>
    internal Trust Check(string name, byte[] content, JsonElement root, out DateTimeOffset signedAt)
    {
        string id = root.Text("signer");
        signedAt = root.Time("signedAt");
        if (report.IsTampered(name)) return Trust.Changed;
        byte[]? signature = files.Read(name + ".sig", MaxSignatureSize);
        if (signature is null)
        {
            if (!report.IsTampered(name + ".sig")) report.Add(Verdict.Tampered, "file_removed", name + ".sig", "a manifest is never without its signature");
            return Vouched(name) ? Trust.Genuine : Trust.Unknown;
        }
        if (_ring is null) return Trust.Unknown;               // reported with keys.json
        if (_ring.Find(id) is not { } signer)
        {
            report.Add(Verdict.UnknownKey, "unknown_signer", name, $"signed by {id}, which keys.json does not list");
            return Trust.Unknown;
        }
        if (!KeyRing.Verify(signer.Key, content, signature))
        {
            if (report.IsTampered(name + ".sig")) return Trust.Genuine; // the sums vouch for the manifest, and blame its signature
            report.Add(Verdict.Tampered, "signature", name, $"the signature of {id} is not over these bytes");
            return Trust.Changed;
        }
        if (signedAt >= signer.NotBefore && signedAt <= signer.NotAfter) return Trust.Genuine;
        report.Add(Verdict.UnknownKey, "key_not_valid_then", name, $"{id} may not sign at {signedAt:u}");
        return Trust.Unknown;
    }

    /// <summary>Compares files with the sums; what is known to be changed or cut is no news.</summary>
    internal void CheckSums(Predicate<string> which)
    {
        if (_sums is not { IsGenuine: true }) return;
        foreach ((string name, byte[] expected) in _sums.Hashes)
        {
            if (!which(name) || _cut.Contains(name) || report.IsTampered(name)) continue;
            if (!files.Has(name))
            {
                if (!IsSegmentFile(name)) report.Add(Verdict.Tampered, "file_removed", name, "SHA256SUMS lists it");
            }
            else if (files.Hash(name) is { } hash && !hash.AsSpan().SequenceEqual(expected))
            {
                report.Add(Verdict.Tampered, "file_changed", name, "its sum is not the one in SHA256SUMS");
            }
        }
        foreach (string name in files.Names)
        {
            if (which(name) && Sums.Covers(name) && !_sums.Hashes.ContainsKey(name) && !report.IsTampered(name))
                report.Add(Verdict.Tampered, "file_added", name, "SHA256SUMS does not list it");
        }
    }

    /// <summary>The last look at the sums: files of segments that nothing else accounts for.</summary>
    internal void CheckRemovedSegmentFiles()
    {
        if (_sums is not { IsGenuine: true }) return;
        foreach (string name in _sums.Hashes.Keys)
        {
            if (IsSegmentFile(name) && !files.Has(name) && !_cut.Contains(name) && !report.IsTampered(name))
                report.Add(Verdict.Tampered, "file_removed", name, "SHA256SUMS lists it");
        }
    }

    public void Dispose() => _ring?.Dispose();

    private static bool IsSegmentFile(string name) => name.StartsWith("seg/", StringComparison.Ordinal);

    private bool Vouched(string name) => _sums is { IsGenuine: true } && Matches(name);

    private bool Matches(string name) =>
        _sums!.Hashes.TryGetValue(name, out byte[]? expected) && files.Hash(name) is { } hash && hash.AsSpan().SequenceEqual(expected);

    private void LoadRing(byte[]? keys)
    {
        if (keys is null) return;
        try
        {
            _ring = KeyRing.Parse(keys);
        }
        catch (MalformedException malformed)
        {
            report.Add(Verdict.Tampered, "malformed", KeysName, malformed.Message);
        }
    }

    private void LoadSums(bool isKeysGenuine)
    {
        if (!files.Has(Sums.Name)) return;
        byte[]? content = files.Read(Sums.Name, MaxSumsSize), signature = files.Read(Sums.SignatureName, MaxSignatureSize);
        if (content is null) return;
        try
        {
            _sums = Sums.Parse(content);
        }
        catch (MalformedException malformed)
        {
            report.Add(Verdict.Tampered, "malformed", Sums.Name, malformed.Message);
            return;
        }
        if (signature is null)
        {
            if (!files.Has(Sums.SignatureName)) report.Add(Verdict.Tampered, "file_removed", Sums.SignatureName, "the sums are never without their signature");
            return;
        }
        if (_ring is null) return;
        _sums.IsGenuine = _ring.Signers.Any(signer => KeyRing.Verify(signer.Key, content, signature));
        if (_sums.IsGenuine) return;
        if (!isKeysGenuine && !Matches(KeysName)) Changed("file_changed", KeysName, "its sum is not the one in SHA256SUMS, and it lists no key that signed those");
        else report.Add(Verdict.Tampered, "signature", Sums.Name, "no key of keys.json signed these bytes");
    }

    private bool IsSignedByRoot(byte[]? keys, byte[]? pinned)
    {
        using ECDsa? root = pinned is null ? KeyRing.ParsePem(files.Read(RootName, MaxPemSize)) : KeyRing.ParseAnyPem(pinned);
        return keys is not null && root is not null && files.Read(KeysName + ".sig", MaxSignatureSize) is { } signature && KeyRing.Verify(root, keys, signature);
    }

    /// <summary>keys.json is signed by the root: the pinned one, or without one that of the folder, which proves only that both belong together.</summary>
    private void CheckRoot(byte[]? keys, byte[]? pinned)
    {
        byte[]? text = files.Read(RootName, MaxPemSize), signature = files.Read(KeysName + ".sig", MaxSignatureSize);
        using ECDsa? own = KeyRing.ParsePem(text);
        using ECDsa? given = KeyRing.ParseAnyPem(pinned);
        if (!files.Has(RootName)) Removed(RootName);
        else if (own is null) Changed("malformed", RootName, "no P-256 public key in PEM and nothing else");
        if (signature is null && !files.Has(KeysName + ".sig")) Removed(KeysName + ".sig");
        ECDsa? trusted = given ?? own;
        (report.IsRootPinned, report.Root) = (given is not null, trusted is null ? null : KeyRing.RootId(trusted));
        if (keys is null || signature is null || trusted is null) return;
        if (KeyRing.Verify(trusted, keys, signature))
        {
            if (given is not null && own is not null && KeyRing.RootId(own) != report.Root) Changed("root_changed", RootName, $"keys.json is signed by {report.Root}");
            if (_ring is not null && _ring.Root != report.Root) Changed("root_changed", KeysName, $"it names {_ring.Root}, and {report.Root} signed it");
        }
        else if (given is not null && own is not null && KeyRing.Verify(own, keys, signature))
        {
            report.Add(Verdict.UnknownKey, "unknown_root", KeysName, $"signed by {KeyRing.RootId(own)}, pinned is {report.Root}");
        }
        else if (!report.IsTampered(KeysName + ".sig") && !report.IsTampered(RootName))
        {
            Changed("signature", KeysName, $"the signature of {report.Root} is not over these bytes");
        }
        if (given is null) report.Add(Verdict.ValidComplete, "root_not_pinned", RootName, $"nothing but this folder says that {report.Root} is the tenant's root");
    }

    private void CheckPemFiles()
    {
        if (_ring is null) return;
        foreach (Signer signer in _ring.Signers)
        {
            string name = $"keys/{signer.Id}.pem";
            if (!files.Has(name)) Removed(name);
            else if (files.Read(name, MaxPemSize) is { } pem && !pem.AsSpan().SequenceEqual(System.Text.Encoding.Latin1.GetBytes(signer.Pem)))
                Changed("file_changed", name, "another key than in keys.json");
        }
        foreach (string name in files.Names)
        {
            bool isListed = name.StartsWith("keys/", StringComparison.Ordinal) && name.EndsWith(".pem", StringComparison.Ordinal) && _ring.Find(name[5..^4]) is not null;
            if (name.StartsWith("keys/", StringComparison.Ordinal) && !isListed && !name.EndsWith(".tmp", StringComparison.Ordinal))
                Changed("unexpected_file", name, "keys.json lists no such key");
        }
    }

    private void Removed(string name) => Changed("file_removed", name, "it is written before the first segment");

    private void Changed(string code, string name, string detail)
    {
        if (!report.IsTampered(name)) report.Add(Verdict.Tampered, code, name, detail);
    }
}
