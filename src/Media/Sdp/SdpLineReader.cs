namespace Sfu.Media.Sdp;

/// <summary>Cuts text into lines and each line into type and value.</summary>
internal ref struct SdpLineReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Number of the line last read, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The letter before the equals sign.</summary>
    public char Type { get; private set; }

    /// <summary>Everything behind the equals sign.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Reads the next line that is not empty.</summary>
    /// <param name="isValid">False when there is a line, but not of the form <c>x=value</c>.</param>
    /// <returns>False at the end of the text.</returns>
    public bool MoveNext(out bool isValid)
    {
        isValid = true;
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf('\n');
            ReadOnlySpan<char> line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            Number++;
            if (line is [.., '\r']) line = line[..^1];
            if (line.IsEmpty) continue;
            isValid = line.Length >= 2 && char.IsAsciiLetterLower(line[0]) && line[1] == '=' && !line.ContainsAny('\r', '\0');
            Type = line[0];
            Value = isValid ? line[2..] : default;
            return true;
        }

        return false;
    }
}
