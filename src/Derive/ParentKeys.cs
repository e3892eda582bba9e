using System.Globalization;
using System.Security.Cryptography;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Derive;

/// <summary>Keys as the parent process hands them over: this program has no access to the vault, and gets no key but those it needs.</summary>
internal sealed class ParentKeys : ITrackKeys
{
    private const int MaxKeys = 10_000_000;            // 100 tracks for weeks
    private readonly Dictionary<(uint Track, uint Epoch), byte[]> _keys = [];

    /// <summary>Reads lines up to an empty one.</summary>
    /// <exception cref="FormatException">A line is no key, or the input ended before the empty line.</exception>
    public static ParentKeys Read(TextReader input)
    {
        var keys = new ParentKeys();
        while (input.ReadLine() is { } line)
        {
            if (line.Length == 0) return keys;
            if (line.Split(' ') is not [var track, var epoch, { Length: 64 } key] || keys._keys.Count == MaxKeys
                || !uint.TryParse(track, NumberStyles.None, CultureInfo.InvariantCulture, out uint trackNumber)
                || !uint.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out uint epochNumber)) break;
            keys._keys[(trackNumber, epochNumber)] = Convert.FromHexString(key);
        }
        throw new FormatException("standard input must have lines TRACK EPOCH KEY and an empty line behind them");
    }

    /// <inheritdoc/>
    public bool TryGet(Guid recording, uint track, uint epoch, Span<byte> key)
    {
        if (!_keys.TryGetValue((track, epoch), out byte[]? found)) return false;
        found.CopyTo(key);
        return true;
    }

    /// <summary>Forgets them.</summary>
    public void Erase()
    {
        foreach (byte[] key in _keys.Values) CryptographicOperations.ZeroMemory(key);
        _keys.Clear();
    }
}
