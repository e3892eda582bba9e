using System.Text;

namespace Sfu.Verify;

/// <summary>The lines of <c>SHA256SUMS</c>.</summary>
internal sealed class Sums
{
    internal const string Name = "SHA256SUMS", SignatureName = "SHA256SUMS.sig";

    private readonly Dictionary<string, byte[]> _hashes = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, byte[]> Hashes => _hashes;

    /// <summary>A key of keys.json signed them.</summary>
    internal bool IsGenuine { get; set; }

    /// <summary>Names that the sums never cover: tokens come later, derived files are no evidence.</summary>
    internal static bool Covers(string name) =>
        !name.EndsWith(".tsr", StringComparison.Ordinal) && name is not (Name or SignatureName) && !name.EndsWith(".tmp", StringComparison.Ordinal);

    /// <summary>Reads the lines; throws <see cref="MalformedException"/>.</summary>
    internal static Sums Parse(byte[] content)
    {
        var sums = new Sums();
        string text = Encoding.UTF8.GetString(content);
        if (text.Length > 0 && text[^1] != '\n') throw new MalformedException("the last line does not end");
        foreach (string line in text.Split('\n')[..^1])
        {
            bool isLine = line.Length > 66 && line[..64].All(char.IsAsciiHexDigitLower) && line.AsSpan(64, 2).SequenceEqual("  ");
            if (!isLine || !sums._hashes.TryAdd(line[66..], Convert.FromHexString(line[..64]))) throw new MalformedException("a line is none of sha256sum, or comes twice");
        }
        return sums;
    }
}
