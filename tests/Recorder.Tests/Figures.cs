using System.Text.Json;

namespace Sfu.Recorder.Tests;

/// <summary>Figures of acceptance tests, for docs/recording.md: written where SFU_FIGURES says, the same form as tests/EndToEnd/lib/figures.mjs.</summary>
internal static class Figures
{
    /// <summary>Writes <c>NAME.json</c> with one row.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="line">Acceptance line.</param>
    /// <param name="what">What was measured.</param>
    /// <param name="value">With its unit.</param>
    /// <param name="gate">What it must not exceed.</param>
    /// <param name="test">Path of the test.</param>
    internal static void Add(string name, string line, string what, string value, string gate, string test)
    {
        if (Environment.GetEnvironmentVariable("SFU_FIGURES") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(new { rows = new[] { new { line, what, value, gate, test } } }));
    }
}
