using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Sfu.Recorder.Evidence;

/// <summary>The folder of one recording: where its files are, and those that are not chunks or manifests.</summary>
/// <remarks>
/// Order of writing, so that a crash leaves an end that is missing and never something that looks changed: keys and the recipe before the
/// first segment; a file's signature before the file; a segment's chunks before its manifest; the sums last.
/// </remarks>
/// <param name="Path">The folder.</param>
public sealed record EvidenceFolder(string Path)
{
    private const string SumsFile = "SHA256SUMS";
    private const string RecipeFile = "README-verify.txt";
    private const string TokenSuffix = ".tsr";

    /// <summary>The sealed manifest.</summary>
    public string SealedManifestPath => System.IO.Path.Combine(Path, "recording.json");

    /// <summary>Where a recording of a tenant lies: by the day on which it began, UTC.</summary>
    /// <param name="root">The folder of all recordings.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="recording">Its id.</param>
    /// <param name="started">When it began.</param>
    public static EvidenceFolder Of(string root, string tenant, Guid recording, DateTimeOffset started) => new(System.IO.Path.Combine(
        root, tenant, started.UtcDateTime.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture), recording.ToString("D")));

    /// <summary>The folder of one node's segments.</summary>
    public string SegmentFolder(string node) => System.IO.Path.Combine(Path, "seg", node);

    /// <summary>A segment's file of chunks.</summary>
    public string ObjectPath(string node, int segment) => System.IO.Path.Combine(SegmentFolder(node), Name(segment, "sfuj"));

    /// <summary>A segment's manifest.</summary>
    public string ManifestPath(string node, int segment) => System.IO.Path.Combine(SegmentFolder(node), Name(segment, "json"));

    /// <summary>Writes what must be there before the first segment: keys, certificates, the recipe. Does nothing when they are there.</summary>
    /// <param name="keys">The tenant's keys.</param>
    /// <param name="signers">Ids of the signers of this recording.</param>
    /// <param name="authorityPem">Certificates of the time-stamp authority.</param>
    /// <param name="node">The node that will write segments.</param>
    public void Prepare(SigningKeys keys, IReadOnlyCollection<string> signers, string authorityPem, string node)
    {
        DurableFile.CreateFolder(SegmentFolder(node));
        DurableFile.CreateFolder(File("keys"));
        (byte[] json, byte[] signature, IReadOnlyList<KeyEntry> entries) = keys.PublicKeys(signers);
        if (System.IO.File.Exists(File("keys.json")) && System.IO.File.ReadAllBytes(File("keys.json")).AsSpan().SequenceEqual(json)) return;
        foreach (KeyEntry entry in entries) DurableFile.Write(File("keys", $"{entry.Id}.pem"), Encoding.ASCII.GetBytes(entry.Pem));
        DurableFile.Write(File("root.pem"), Encoding.ASCII.GetBytes(keys.RootPem));
        DurableFile.Write(File("tsa.pem"), Encoding.ASCII.GetBytes(Certificates.Canonical(authorityPem)));
        DurableFile.Write(File(RecipeFile), Recipe());
        DurableFile.Write(File("keys.json.sig"), signature);
        DurableFile.Write(File("keys.json"), json);           // last: who finds it finds the others
    }

    /// <summary>Writes the sums over all evidence, and their signature. The last step of sealing.</summary>
    /// <param name="keys">The tenant's keys.</param>
    /// <param name="signer">The signer of the sealed manifest.</param>
    public void WriteSums(SigningKeys keys, string signer)
    {
        // What a crash left behind. A token's is another thread's, which may be about to give it its name.
        foreach (string left in Directory.EnumerateFiles(Path, "*" + DurableFile.TemporarySuffix, SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(TokenSuffix + DurableFile.TemporarySuffix, StringComparison.Ordinal)).ToArray()) System.IO.File.Delete(left);
        var text = new StringBuilder();
        foreach (string name in Names()) text.Append(Hash(File(name))).Append("  ").Append(name).Append('\n');
        byte[] sums = Encoding.UTF8.GetBytes(text.ToString());
        DurableFile.Write(File(SumsFile + ".sig"), keys.Sign(sums, signer));
        DurableFile.Write(File(SumsFile), sums);
    }

    /// <summary>True when sealing came to its end.</summary>
    public bool IsSealed => System.IO.File.Exists(File(SumsFile));

    /// <summary>Manifests that have no time-stamp token yet.</summary>
    public IEnumerable<string> Untimed() => Directory.Exists(File("seg"))
        ? Directory.EnumerateFiles(File("seg"), "*.json", SearchOption.AllDirectories).Append(SealedManifestPath)
            .Where(path => System.IO.File.Exists(path) && !System.IO.File.Exists(path + TokenSuffix)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Writes a signed file: the signature first, so that a manifest is never without one.</summary>
    internal static void WriteSigned(string path, byte[] content, SigningKeys keys, string signer)
    {
        DurableFile.Write(path + ".sig", keys.Sign(content, signer));
        DurableFile.Write(path, content);
    }

    /// <summary>The recipe for checking with nothing but sha256sum and openssl.</summary>
    internal static byte[] Recipe()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(RecipeFile)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>Evidence that the sums cover, as paths from the folder with forward slashes. Tokens may come later, also while this is read;
    /// derived files and those without their final name are none.</summary>
    private IEnumerable<string> Names() => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .Select(path => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/'))
        .Where(name => !name.StartsWith("derived/", StringComparison.Ordinal) && !name.StartsWith(SumsFile, StringComparison.Ordinal)
            && !name.EndsWith(TokenSuffix, StringComparison.Ordinal) && !name.EndsWith(DurableFile.TemporarySuffix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string Hash(string path)
    {
        using FileStream file = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Name(int segment, string extension) => string.Create(CultureInfo.InvariantCulture, $"seg-{segment:D6}.{extension}");

    private string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);
}
