using System.Diagnostics;
using System.Text.Json;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>One Chromium that plays files, through tests/EndToEnd/lib/play-files.mjs; started by the first file.</summary>
public sealed class ChromiumPlayer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Process? _process;

    /// <summary>Plays a file to its end.</summary>
    internal Played Play(string path)
    {
        _process ??= Start();
        _process.StandardInput.WriteLine(path);
        _process.StandardInput.Flush();
        Task<string?> answer = _process.StandardOutput.ReadLineAsync();
        Assert.True(answer.Wait(Patience), $"Chromium said nothing of {path}");
        return JsonSerializer.Deserialize<Played>(answer.Result ?? "null", JsonSerializerOptions.Web) ?? throw new InvalidOperationException($"the player ended at {path}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static Process Start()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Sfu.sln"))) root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("the tests are not in the repository");
        string script = Path.Combine(root, "tests", "EndToEnd", "lib", "play-files.mjs");
        return Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>What the page tells.</summary>
    internal sealed record Played(double Duration, bool Ended, double At, int Width, int Height, long Frames, long SoundBytes, string Error, string Waited);
}
