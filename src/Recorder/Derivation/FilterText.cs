using System.Text;

namespace Sfu.Recorder.Derivation;

/// <summary>Texts inside of FFmpeg's filter graphs.</summary>
internal static class FilterText
{
    /// <summary>Escapes a value of an option: once for the option, once for the graph (ffmpeg-filters, "Notes on filtergraph escaping").
    /// Control characters become spaces.</summary>
    internal static string Escape(string value)
    {
        var text = new StringBuilder(value.Length * 2);
        foreach (char letter in value)
        {
            if (char.IsControl(letter)) text.Append(' ');
            else if (letter is '\\') text.Append(@"\\\\");
            else if (letter is '\'') text.Append(@"\\\'");
            else if (letter is ':') text.Append(@"\\:");
            else if (letter is '[' or ']' or ',' or ';') text.Append('\\').Append(letter);
            else text.Append(letter);
        }
        return text.ToString();
    }
}
