using System.Text;

namespace Sfu.Verify.Tests;

/// <summary>README-verify.txt of a recording, run as it says, with sha256sum and openssl only.</summary>
public sealed class RecipeTests
{
    private static readonly string Root = WriteRoot();

    [Fact]
    public async Task Run_GenuineRecording_SaysOk()
    {
        TestRecording recording = TestRecording.Create(20, new Shape { Loss = 0.1 });

        (int code, string output, string error) = await Check(recording.Path, Root);

        Assert.True(code == 0, output + error);
        Assert.Contains("OK: genuine, sealed and time-stamped", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys.json", "keys.json: signature")]
    [InlineData("recording.json", "recording.json: signature")]
    [InlineData("seg/rec-a/seg-000002.json", "seg/rec-a/seg-000002.json: signature")]
    [InlineData("seg/rec-a/seg-000002.sfuj", "SHA256SUMS")]
    [InlineData("root.pem", "SHA256SUMS")]
    [InlineData("SHA256SUMS", "SHA256SUMS: signature")]
    [InlineData("seg/rec-a/seg-000001.json.tsr", "time-stamp token")]
    public async Task Run_FileChanged_FailsAndNamesIt(string name, string expected)
    {
        var copy = new EvidenceCopy(TestRecording.Create(21, new Shape()).Path);
        byte[] content = [.. copy.Original(name)];
        content[content.Length * 2 / 3] ^= 1;
        copy.Write(name, content);

        await Fails(copy, expected);
    }

    [Fact]
    public async Task Run_TokensSwapped_Fails()
    {
        var copy = new EvidenceCopy(TestRecording.Create(22, new Shape()).Path);
        copy.Swap("seg/rec-a/seg-000001.json.tsr", "seg/rec-a/seg-000002.json.tsr");

        await Fails(copy, "seg-000001.json: time-stamp token");
    }

    [Theory]
    [InlineData("seg/rec-a/seg-000002.sfuj")]
    [InlineData("README-verify.txt.more")]
    public async Task Run_FileRemovedOrAdded_Fails(string name)
    {
        var copy = new EvidenceCopy(TestRecording.Create(23, new Shape()).Path);
        if (copy.Names.Contains(name)) copy.Delete(name); else copy.Write(name, [1]);

        await Fails(copy, "FAILED");
    }

    [Fact]
    public async Task Run_AnotherRoot_Fails()
    {
        string other = Path.Combine(TestAuthority.NewFolder(), "root.pem");
        await File.WriteAllTextAsync(other, TestAuthority.Strangers.RootPem);

        (int code, _, string error) = await Check(TestRecording.Create(24, new Shape()).Path, other);

        Assert.Equal(1, code);
        Assert.Contains("keys.json: signature", error, StringComparison.Ordinal);
    }

    private static async Task Fails(EvidenceCopy copy, string expected)
    {
        (int code, string output, string error) = await Check(copy.Path, Root);

        Assert.True(code == 1, $"{code}: {output}{error}");
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    /// <summary>Takes the script out of the text that the recording brought along, and runs it with its path ending at the two tools.</summary>
    private static async Task<(int ExitCode, string Output, string Error)> Check(string folder, string root)
    {
        string text = Encoding.UTF8.GetString(Sfu.Recorder.Evidence.EvidenceFolder.Recipe());
        string[] parts = text.Split("-----8<-----");
        string script = Path.Combine(TestAuthority.NewFolder(), "check.sh");
        await File.WriteAllTextAsync(script, parts[1][(parts[1].IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        return await Shell.RunAsync(folder, "env", $"ROOT={root}", "sh", "-e", script);
    }

    private static string WriteRoot()
    {
        string path = Path.Combine(TestAuthority.NewFolder(), "root.pem");
        File.WriteAllBytes(path, TestAuthority.RootPem);
        return path;
    }
}
