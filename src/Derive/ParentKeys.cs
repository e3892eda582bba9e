using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Derive;

/// <summary>Keys as the parent process hands them over: this program has no access to the vault, and gets no key but those it needs.</summary>
/// <remarks>No key ever becomes a string: what was read is zeroed.</remarks>
internal sealed class ParentKeys : ITrackKeys
{
    private const int MaxKeys = 10_000_000;            // 100 tracks for weeks
    private const int KeyDigits = 64, MaxLine = 10 + 1 + 10 + 1 + KeyDigits;
    private readonly Dictionary<(uint Track, uint Epoch), byte[]> _keys = [];

    /// <summary>Reads lines up to an empty one; what came with it is dropped.</summary>
    /// <exception cref="FormatException">A line is no key, or the input ended before the empty line.</exception>
    public static ParentKeys Read(Stream input)
    {
        var keys = new ParentKeys();
        byte[] buffer = GC.AllocateUninitializedArray<byte>(8192, pinned: true);
        byte[] line = GC.AllocateUninitializedArray<byte>(MaxLine, pinned: true);
        try
        {
            int size = 0;
            for (int read; (read = input.Read(buffer)) > 0;)
            {
                for (int i = 0; i < read; i++)
                {
                    if (buffer[i] != '\n')
                    {
                        if (size == MaxLine) throw Wrong();
                        line[size++] = buffer[i];
                    }
                    else if (size == 0) return keys;
                    else if (!keys.TryAdd(line.AsSpan(0, size))) throw Wrong();
                    else size = 0;
                }
            }
            throw Wrong();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            CryptographicOperations.ZeroMemory(line);
        }
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

    private bool TryAdd(ReadOnlySpan<byte> line)
    {
        if (_keys.Count == MaxKeys || !TryNumber(ref line, out uint track) || !TryNumber(ref line, out uint epoch) || line.Length != KeyDigits) return false;
        byte[] key = GC.AllocateUninitializedArray<byte>(KeyDigits / 2, pinned: true);
        if (Convert.FromHexString(line, key, out _, out _) != OperationStatus.Done) return false;
        _keys[(track, epoch)] = key;
        return true;
    }

    // A number and the space behind it.
    private static bool TryNumber(ref ReadOnlySpan<byte> line, out uint number)
    {
        if (!Utf8Parser.TryParse(line, out number, out int used) || used == line.Length || line[used] != ' ') return false;
        line = line[(used + 1)..];
        return true;
    }

    private static FormatException Wrong() => new("standard input must have lines TRACK EPOCH KEY and an empty line behind them");
}
