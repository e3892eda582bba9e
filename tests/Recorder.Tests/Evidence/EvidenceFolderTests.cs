using Sfu.Recorder.Evidence;

namespace Sfu.Recorder.Tests.Evidence;

public sealed class EvidenceFolderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly string _root = Directory.CreateTempSubdirectory("sfu-folder-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void WriteSums_WhileATokenIsWritten_LeavesItAloneAndDoesNotListIt()
    {
        using SigningKeys keys = SigningKeys.Open(Path.Combine(_root, "keys"), "rec-a", new SigningKeyOptions());
        string signer = keys.Current(Start);
        var folder = new EvidenceFolder(Path.Combine(_root, "recording"));
        folder.Prepare(keys, [signer], "", "rec-a");
        string manifest = folder.ManifestPath("rec-a", 1), token = manifest + ".tsr.tmp", left = folder.ManifestPath("rec-a", 2) + ".tmp";
        foreach (string path in new[] { manifest, token, left }) File.WriteAllText(path, "{}");

        folder.WriteSums(keys, signer);

        string sums = File.ReadAllText(Path.Combine(folder.Path, "SHA256SUMS"));
        Assert.Contains("seg/rec-a/seg-000001.json\n", sums, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", sums, StringComparison.Ordinal);
        Assert.True(File.Exists(token), "the thread that writes it gives it its name");
        Assert.False(File.Exists(left), "nobody will ever finish it");
    }
}
