namespace Sfu.Rooms;

/// <summary>The rules of the texts that clients and back ends choose.</summary>
public static class Names
{
    /// <summary>Longest identity, in characters.</summary>
    public const int MaxIdentityLength = 128;

    /// <summary>Longest display name of a participant or track, in characters.</summary>
    public const int MaxDisplayNameLength = 128;

    /// <summary>Longest metadata of a participant or room, in characters.</summary>
    public const int MaxMetadataLength = 2048;

    /// <summary>True for 1 to <paramref name="maxLength"/> of <c>A-Za-z0-9._-</c>, not <c>.</c> or <c>..</c>.</summary>
    public static bool IsValid(string? name, int maxLength)
    {
        if (string.IsNullOrEmpty(name) || name.Length > maxLength || name is "." or "..") return false;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) return false;
        }

        return true;
    }

    /// <summary>True for an identity: 1 to 128 printable characters without control characters and without <c>/</c>.</summary>
    public static bool IsIdentity(string? identity) =>
        !string.IsNullOrWhiteSpace(identity) && identity.Length <= MaxIdentityLength && !identity.Contains('/', StringComparison.Ordinal)
        && IsText(identity, MaxIdentityLength);

    /// <summary>True for at most <paramref name="maxLength"/> characters of well-formed UTF-16 without control characters but tab and line feed.</summary>
    public static bool IsText(string? text, int maxLength)
    {
        if (text is null || text.Length > maxLength) return false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsControl(c) && c is not ('\t' or '\n')) return false;
            if (!char.IsSurrogate(c)) continue;
            if (!char.IsHighSurrogate(c) || ++i == text.Length || !char.IsLowSurrogate(text[i])) return false;
        }

        return true;
    }
}
