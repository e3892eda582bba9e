using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Reading;

/// <summary>The keys that open the signed segments of a recording: what a program gets that may read this recording and nothing else.</summary>
/// <remarks>Stateless. Reads only the clear headers of chunks.</remarks>
public static class EvidenceKeys
{
    private const int LineSize = 10 + 1 + 10 + 1 + 2 * TrackKeyId.KeySize + 1;

    /// <summary>Which keys sealed what lies in the signed segments of a folder.</summary>
    /// <param name="folder">The evidence folder.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Each key once, in the order of tracks and epochs; empty when no segment is signed yet.</returns>
    /// <exception cref="EvidenceException">A segment is no row of chunks of one recording.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyCollection<TrackKeyId> Of(string folder, CancellationToken cancellation = default)
    {
        var keys = new SortedSet<TrackKeyId>(Comparer<TrackKeyId>.Create((a, b) => (a.Recording, a.Track, a.Epoch).CompareTo((b.Recording, b.Track, b.Epoch))));
        string segments = Path.Combine(folder, "seg");
        if (!Directory.Exists(segments)) return keys;
        foreach (string manifest in Directory.EnumerateFiles(segments, "seg-*.json", SearchOption.AllDirectories))
        {
            cancellation.ThrowIfCancellationRequested();
            Read(Path.ChangeExtension(manifest, ".sfuj"), keys);
        }

        if (keys.Count > 0 && keys.Min.Recording != keys.Max.Recording) throw new EvidenceException($"{folder}: segments of several recordings");
        return keys;
    }

    /// <summary>Writes keys as lines <c>TRACK EPOCH HEX</c> (docs/derivation.md). A key that was destroyed, or does not open, is left out: what it sealed stays closed.</summary>
    /// <param name="output">Gets the lines; ASCII.</param>
    /// <param name="keys">Which.</param>
    /// <param name="vault">Wrapped keys.</param>
    /// <param name="kek">Unwraps them.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>How many were written. No plain key is in this process's memory afterwards.</returns>
    public static async Task<int> WriteAsync(
        Stream output, IEnumerable<TrackKeyId> keys, IKeyVault vault, IKeyEncryptionKey kek, CancellationToken cancellation)
    {
        // Pinned: the collector makes no copies of it.
        byte[] key = GC.AllocateUninitializedArray<byte>(TrackKeyId.KeySize, pinned: true);
        byte[] line = GC.AllocateUninitializedArray<byte>(LineSize, pinned: true);
        int written = 0;
        try
        {
            foreach (TrackKeyId id in keys)
            {
                if (vault.Find(id) is not { } wrapped || !kek.TryUnwrap(id, wrapped.Wrapped.Span, key)) continue;
                await output.WriteAsync(line.AsMemory(0, Format(id, key, line)), cancellation).ConfigureAwait(false);
                written++;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(line);
        }

        return written;
    }

    private static ReadOnlySpan<byte> Digits => "0123456789abcdef"u8;

    private static int Format(TrackKeyId id, ReadOnlySpan<byte> key, Span<byte> line)
    {
        int at = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id.Track} {id.Epoch} "), line);
        foreach (byte one in key)
        {
            line[at++] = Digits[one >> 4];
            line[at++] = Digits[one & 15];
        }

        line[at++] = (byte)'\n';
        return at;
    }

    private static void Read(string path, SortedSet<TrackKeyId> keys)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        Span<byte> head = stackalloc byte[ChunkFormat.HeaderSize];
        for (long at = 0; at < length;)
        {
            int read = RandomAccess.Read(file, head, at);
            JournalFailure failure = ChunkHeader.TryRead(head[..read], out ChunkHeader header);
            if (failure != JournalFailure.None || header.Kind != FrameKind.Chunk) throw new EvidenceException($"{path} at {at}: {failure}");
            keys.Add(new TrackKeyId(header.Recording, header.Track, header.KeyEpoch));
            at += header.FrameSize;
        }
    }
}
