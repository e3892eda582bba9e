using System.Text.Json;

namespace Sfu.Verify.Tests;

/// <summary>The program itself, as it is published: its arguments, its output, its exit codes, without a network.</summary>
public sealed class CommandLineTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "sfu-verify");

    [Fact]
    public async Task Main_WithoutNetworkInterfaces_ChecksACopy()
    {
        string copy = new EvidenceCopy(TestRecording.Create(30, new Shape { Loss = 0.2 }).Path).Path;
        string root = Path.Combine(TestAuthority.NewFolder(), "root.pem");
        await File.WriteAllBytesAsync(root, TestAuthority.RootPem);

        (int code, string output, string error) = await Shell.RunAsync(
            copy, "unshare", "-rn", "sh", "-c", "! grep -q : /proc/net/route && exec \"$@\"", "sh", Program, ".", "--root", root, "--json");

        Assert.True(code == 1, output + error);
        using JsonDocument report = JsonDocument.Parse(output);
        JsonElement json = report.RootElement;
        Assert.Equal("VALID_WITH_GAPS", json.GetProperty("verdict").GetString());
        Assert.Equal(1, json.GetProperty("exitCode").GetInt32());
        Assert.Equal(24, json.GetProperty("chunks").GetInt32());
        Assert.True(json.GetProperty("rootPinned").GetBoolean());
        Assert.Equal("gaps", json.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal("wire_loss", json.GetProperty("gaps")[0].GetProperty("cause").GetString());
    }

    [Fact]
    public async Task Main_ChangedChunk_NamesObjectChunkAndOffset()
    {
        var copy = new EvidenceCopy(TestRecording.Create(31, new Shape()).Path);
        string name = copy.Objects[1];
        byte[] content = [.. copy.Original(name)];
        (int at, int length) = EvidenceCopy.Frames(content)[3];
        content[at + length / 2] ^= 4;
        copy.Write(name, content);

        (int code, string output, _) = await Shell.RunAsync(copy.Path, Program, copy.Path);

        Assert.Equal(3, code);
        Assert.StartsWith("TAMPERED\n", output, StringComparison.Ordinal);
        Assert.Contains($"{name} chunk 11 offset {at}:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(7)]
    [InlineData(7, "--what", "x")]
    [InlineData(7, "/nonexistent")]
    [InlineData(7, "/", "--root", "/nonexistent")]
    [InlineData(7, "/", "--root", "/proc/version")]
    [InlineData(7, "/", "--tsa", "/proc/version")]
    public async Task Main_Arguments_GiveTheExitCode(int expected, params string[] arguments)
    {
        (int code, string output, string error) = await Shell.RunAsync("/", Program, arguments);

        Assert.Equal(expected, code);
        Assert.NotEmpty(output + error);
        Assert.DoesNotContain("Exception", output + error, StringComparison.Ordinal);
    }
}
