using System.Text.Json;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recovery;

/// <summary>Reads the log once at the start, from the oldest file (docs/evidence.md section 4).</summary>
/// <remarks>A file ends at its first frame with a wrong magic, size or crc: half-written frames, zeros and garbage alike. A body that does
/// not parse ends it too: it was not written by this program.</remarks>
/// <param name="files">The file system.</param>
/// <param name="folder">The folder of this node's log.</param>
internal sealed class WalScanner(IJournalFiles files, string folder)
{
    private const int BufferSize = 4 << 20;

    private readonly Dictionary<Guid, RecoveredRecording> _open = [];
    private readonly List<(WrappedKey Key, WalFile File)> _keys = [];

    /// <summary>Reads all files.</summary>
    internal WalScan Scan()
    {
        var scanned = new List<WalFile>();
        FileFailure failure = files.List(folder, out IReadOnlyList<string> found);
        if (failure.IsFailure) return new WalScan([], [], [], 0, failure);
        var names = new List<WalName>();
        foreach (string text in found)
            if (WalName.TryParse(text, out WalName name)) names.Add(name);
        names.Sort();
        byte[] buffer = new byte[BufferSize];
        foreach (WalName name in names)
        {
            var file = new WalFile(Path.Combine(folder, name.ToString()), -1);
            failure = ScanFile(file, buffer);
            if (failure.IsFailure) return new WalScan([], [], [], 0, failure);
            scanned.Add(file);
        }

        if (names.Count > 0) failure = files.SyncFolder(folder);
        if (failure.IsFailure) return new WalScan([], [], [], 0, failure);

        RecoveredRecording[] open = [.. _open.Values.Where(recording => !recording.IsSealed)];
        return new WalScan(scanned, open, _keys, names.Count == 0 ? 0 : names[^1].Start + 1, FileFailure.None);
    }

    private FileFailure ScanFile(WalFile file, byte[] buffer)
    {
        FileFailure failure = files.OpenRead(file.Path, out int descriptor);
        if (failure.IsFailure) return failure;
        try
        {
            // What a killed process wrote may be in the page cache only. All that follows is built on it, so it must be on the disk first.
            failure = files.Sync(descriptor);
            if (failure.IsFailure) return failure;
            long offset = 0;                                   // of the buffer's first byte in the file
            while (true)
            {
                failure = files.Read(descriptor, buffer, offset, out int filled);
                if (failure.IsFailure)
                {
                    file.IsDamaged = offset > 0;               // what was read is good; a file that cannot be read at all stops the start
                    return offset > 0 ? FileFailure.None : failure;
                }

                int taken = TakeFrames(file, buffer.AsSpan(0, filled), offset, out bool isEnd);
                if (filled < buffer.Length && !isEnd)
                {
                    // The end, or a place that the device cannot read: the frames before it are good, and somebody must look at the rest.
                    file.IsDamaged = files.Read(descriptor, buffer.AsSpan(0, 1), offset + filled, out _).IsFailure;
                    return FileFailure.None;
                }

                if (isEnd || taken == 0) return FileFailure.None;
                offset += taken;
            }
        }
        finally
        {
            files.Close(descriptor);
        }
    }

    /// <summary>Takes the whole frames of a piece of a file.</summary>
    /// <returns>Bytes taken.</returns>
    private int TakeFrames(WalFile file, ReadOnlySpan<byte> data, long offset, out bool isEnd)
    {
        int at = 0;
        while (true)
        {
            JournalFailure failure = ChunkReader.TryRead(data[at..], out ChunkView view);
            if (failure == JournalFailure.None) failure = Take(file, view, offset + at);
            isEnd = failure is not (JournalFailure.None or JournalFailure.Truncated);
            if (failure != JournalFailure.None) return at;
            at += view.Frame.Length;
        }
    }

    private JournalFailure Take(WalFile file, ChunkView view, long offset) => view.Header.Kind switch
    {
        FrameKind.Chunk => TakeChunk(file, view, offset),
        FrameKind.Keys => TakeKeys(file, view),
        FrameKind.Opened => TakeOpened(view),
        FrameKind.SealedUpTo => TakeSealed(view),
        FrameKind.Closed => TakeClosed(view),
        _ => JournalFailure.None,
    };

    private JournalFailure TakeChunk(WalFile file, ChunkView view, long offset)
    {
        if (_open.TryGetValue(view.Header.Recording, out RecoveredRecording? recording)) recording.Take(view, file, offset);
        return JournalFailure.None;
    }

    private JournalFailure TakeKeys(WalFile file, ChunkView view)
    {
        JournalFailure failure = KeyFrame.TryRead(view.Header.Recording, view.Body, out IReadOnlyList<WrappedKey> keys);
        if (failure != JournalFailure.None) return failure;
        foreach (WrappedKey key in keys)
        {
            _keys.Add((key, file));
            file.UnvaultedKeys++;
            if (_open.TryGetValue(view.Header.Recording, out RecoveredRecording? recording)) recording.Take(key.Id);
        }

        return JournalFailure.None;
    }

    private JournalFailure TakeOpened(ChunkView view)
    {
        try
        {
            if (JsonSerializer.Deserialize(view.Body, WalJson.Default.OpenedState) is not { } state) return JournalFailure.BadRecord;
            if (!_open.TryGetValue(view.Header.Recording, out RecoveredRecording? recording))
            {
                if (state.Info is null || state.Info.Id != view.Header.Recording) return JournalFailure.BadRecord;
                recording = new RecoveredRecording(state.Info);
                _open.Add(view.Header.Recording, recording);
            }

            return recording.Take(state);
        }
        catch (JsonException)
        {
            return JournalFailure.BadRecord;
        }
    }

    private JournalFailure TakeSealed(ChunkView view)
    {
        JournalFailure failure = SealedFrame.TryRead(view.Body, out (ulong Chunk, ChainHash Hash, int NextSegment) state);
        if (failure == JournalFailure.None && _open.TryGetValue(view.Header.Recording, out RecoveredRecording? recording))
            recording.TakeSealed(state.Chunk, state.Hash, state.NextSegment);
        return failure;
    }

    private JournalFailure TakeClosed(ChunkView view)
    {
        if (!_open.Remove(view.Header.Recording, out RecoveredRecording? recording)) return JournalFailure.None;
        foreach (Segments.ChunkRef chunk in recording.Chunks) chunk.File.UnsealedChunks--;
        return JournalFailure.None;
    }
}
