namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Looks up one parameter of an fmtp text: <c>name=value;name=value</c>, names without case.</summary>
internal static class FmtpText
{
    public static bool TryGet(string parameters, string name, out ReadOnlySpan<char> value)
    {
        var items = new SdpFieldReader(parameters, ';');
        while (items.TryNext(out ReadOnlySpan<char> item))
        {
            int equals = item.IndexOf('=');
            if (equals < 0 || !item[..equals].Trim(' ').Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            value = item[(equals + 1)..].Trim(' ');
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>A number of 0 to 1,000,000, or <paramref name="absent"/> when it is absent or unreadable.</summary>
    public static int Number(string parameters, string name, int absent) =>
        TryGet(parameters, name, out ReadOnlySpan<char> value) && SdpFieldReader.TryNumber(value, 1_000_000, out ulong number)
            ? (int)number : absent;
}
