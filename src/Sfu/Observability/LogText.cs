using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sfu.Observability;

/// <summary>Makes text safe for a log line: no secrets that libraries may have put into it, no control characters (docs/threats.md T30).</summary>
internal static partial class LogText
{
    /// <summary>Takes tokens out: those in query strings and headers, and everything that looks like a JWT.</summary>
    public static string Redact(string text) =>
        text.Contains("eyJ", StringComparison.Ordinal) || text.Contains("access_token", StringComparison.OrdinalIgnoreCase)
            || text.Contains("Bearer", StringComparison.OrdinalIgnoreCase) || text.Contains("token=", StringComparison.OrdinalIgnoreCase)
            ? Jwt().Replace(Named().Replace(text, "$1***"), "***")
            : text;

    /// <summary>Writes control characters, line and paragraph separators as escapes: one entry stays one line.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')) return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            if (c == '\n') escaped.Append("\\n");
            else if (char.IsControl(c) || c is '\u2028' or '\u2029') escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else escaped.Append(c);
        }

        return escaped.ToString();
    }

    [GeneratedRegex("""((?:access_token|token|refresh_token)=|Bearer\s+)[^\s&"'<>]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex("""eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?""", RegexOptions.CultureInvariant)]
    private static partial Regex Jwt();
}
