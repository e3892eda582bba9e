using System.Globalization;

namespace Sfu.Media.Sdp;

/// <summary>Reads the fields of one value, separated by one or more of a character (a space unless told otherwise).</summary>
internal ref struct SdpFieldReader(ReadOnlySpan<char> text, char separator = ' ')
{
    private readonly char _separator = separator;
    private ReadOnlySpan<char> _rest = text.TrimStart(separator);

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<char> Rest => _rest;

    /// <summary>Reads one field; false at the end.</summary>
    public bool TryNext(out ReadOnlySpan<char> field)
    {
        int end = _rest.IndexOf(_separator);
        field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..].TrimStart(_separator);
        return !field.IsEmpty;
    }

    /// <summary>Reads a decimal number of 0 to <paramref name="max"/>; false when it is absent, not decimal or larger.</summary>
    public bool TryNextNumber(ulong max, out ulong number)
    {
        number = 0;
        return TryNext(out ReadOnlySpan<char> field) && TryNumber(field, max, out number);
    }

    /// <summary>Reads a text that is one decimal number of 0 to <paramref name="max"/>: digits only, no sign, no space.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, ulong max, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}
