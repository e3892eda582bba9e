using System.Globalization;

namespace Sfu.Recorder.Wal;

/// <summary>Name of a file of the log, <c>START-N.wal</c>: when its process began and its number there. They sort in the order of writing.</summary>
/// <param name="Start">Milliseconds since 1970, above those of every file that was there before.</param>
/// <param name="Number">From 1.</param>
internal readonly record struct WalName(long Start, int Number) : IComparable<WalName>
{
    /// <inheritdoc/>
    public int CompareTo(WalName other) => Start != other.Start ? Start.CompareTo(other.Start) : Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}-{Number}.wal");

    /// <summary>Reads a name; false for a file of somebody else.</summary>
    internal static bool TryParse(string text, out WalName name)
    {
        name = default;
        if (!text.EndsWith(".wal", StringComparison.Ordinal) || text.Split('-') is not [var start, var rest]) return false;
        if (!long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out long began)) return false;
        if (!int.TryParse(rest.AsSpan(0, rest.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
        name = new WalName(began, number);
        return name.ToString() == text;
    }
}
