using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sfu.Tests;

/// <summary>Keeps what acceptance tests measured, in the form of tests/EndToEnd/lib/figures.mjs: <c>./bench.sh recording</c> makes the table of
/// docs/recording.md of it. Does nothing unless the environment variable SFU_FIGURES names a folder.</summary>
/// <remarks>A source file that test projects link: <c>&lt;Compile Include="../Shared/Figures.cs" Link="Figures.cs" /&gt;</c>.</remarks>
internal static class Figures
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the figures of one test; of one name the last call stays.</summary>
    /// <param name="name">Of the file: lower-case letters, digits and dashes.</param>
    /// <param name="rows">What was measured.</param>
    internal static void Add(string name, params FigureRow[] rows)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            throw new ArgumentException($"{name} is no name of a figure.", nameof(name));
        if (Environment.GetEnvironmentVariable("SFU_FIGURES") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{name}.json");
        File.WriteAllText($"{path}.tmp", JsonSerializer.Serialize(new { rows }, Web) + "\n");
        File.Move($"{path}.tmp", path, overwrite: true);       // never half a file
    }
}

/// <summary>One measured value beside its gate.</summary>
/// <param name="Line">Which line of the acceptance list, such as <c>Kill</c>: rows of one line stand together.</param>
/// <param name="What">What was measured, over how many cases.</param>
/// <param name="Value">The value with its unit.</param>
/// <param name="Gate">What it must be.</param>
/// <param name="Test">Path of the test in the repository.</param>
internal sealed record FigureRow(string Line, string What, string Value, string Gate, string Test);
