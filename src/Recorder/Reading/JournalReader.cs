using System.Security.Cryptography;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Recovery;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Reading;

/// <summary>Reads a recording back: its segments, then what the log has beyond them; every chunk linked, checked and opened.</summary>
/// <remarks>Owned by one thread. Reading stops at the first chunk that is wrong: <see cref="Failure"/>.</remarks>
public sealed class JournalReader : IDisposable
{
    private readonly Guid _recording;
    private readonly LinuxFiles _files = new();
    private readonly List<string> _segments;
    private readonly IReadOnlyList<ChunkRef> _rest;
    private readonly KeyRing _keys;
    private readonly byte[] _frame = new byte[ChunkFormat.MaxChunk];
    private readonly byte[] _plain = new byte[ChunkFormat.MaxBody];

    /// <summary>Prepares to read.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="node">The node whose segments are read.</param>
    /// <param name="vault">Wrapped keys.</param>
    /// <param name="kek">Unwraps them.</param>
    /// <param name="log">The node's folder of the log, for what is in no segment yet; null to leave it out. No recorder may be running on it.</param>
    public JournalReader(Guid recording, string folder, string node, IKeyVault vault, IKeyEncryptionKey kek, string? log = null)
    {
        _recording = recording;
        Failure = _files.List(Path.Combine(folder, "seg", node), out IReadOnlyList<string> names).IsFailure ? JournalFailure.Unreadable : JournalFailure.None;
        _segments = [.. names.Where(name => name.EndsWith(".sfuj", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => Path.Combine(folder, "seg", node, name))];
        WalScan? scan = log is null ? null : new WalScanner(_files, log).Scan();
        if (scan is { Failure.IsFailure: true }) Failure = JournalFailure.Unreadable;
        if (scan is { Keys.Count: > 0 }) vault.Store([.. scan.Keys.Select(pair => pair.Key)]);
        _rest = scan?.Recordings.FirstOrDefault(found => found.Info.Id == recording)?.Chunks ?? [];
        _keys = new KeyRing(vault, kek);
    }

    /// <summary>Why reading stopped before the end; none when it did not.</summary>
    public JournalFailure Failure { get; private set; }

    /// <summary>The file that it stopped in.</summary>
    public string? FailureFile { get; private set; }

    /// <summary>Reads all chunks in order.</summary>
    public IEnumerable<JournalChunk> Chunks()
    {
        if (Failure != JournalFailure.None) yield break;
        var chain = new Link(0, ChainHash.Start(_recording));
        foreach (string path in _segments)
        {
            if (_files.OpenRead(path, out int file).IsFailure)
            {
                Fail(JournalFailure.Unreadable, path);
                yield break;
            }

            try
            {
                for (long at = 0; Next(path, file, at, _frame.Length, ref chain, out JournalChunk? chunk) is var size and > 0; at += size)
                    if (chunk is not null) yield return chunk;
            }
            finally
            {
                _files.Close(file);
            }

            if (Failure != JournalFailure.None) yield break;
        }

        foreach (ChunkRef rest in _rest)
        {
            if (rest.Chunk < chain.Number) continue;           // in a segment already: the log had no time to say so
            if (_files.OpenRead(rest.File.Path, out int file).IsFailure)
            {
                Fail(JournalFailure.Unreadable, rest.File.Path);
                yield break;
            }

            int size = Next(rest.File.Path, file, rest.Offset, rest.Size, ref chain, out JournalChunk? chunk);
            _files.Close(file);
            if (size == 0) yield break;
            if (chunk is not null) yield return chunk;
        }
    }

    /// <summary>Reads the records of one track in the order in which they were received.</summary>
    public IEnumerable<JournalEntry> Records(uint track) => Chunks().Where(chunk => chunk.Header.Track == track).SelectMany(chunk => chunk.Entries);

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
    }

    /// <summary>Reads the chunk at a place.</summary>
    /// <returns>Its bytes; 0 at the end of the file or after a failure.</returns>
    private int Next(string path, int file, long at, int most, ref Link chain, out JournalChunk? chunk)
    {
        chunk = null;
        if (_files.Read(file, _frame.AsSpan(0, most), at, out int read).IsFailure) return Fail(JournalFailure.Unreadable, path);
        if (read == 0) return 0;
        JournalFailure failure = ChunkReader.TryRead(_frame.AsSpan(0, read), out ChunkView view);
        if (failure == JournalFailure.None) failure = Check(view, chain);
        if (failure == JournalFailure.None) failure = Open(view, chain, out chunk);
        if (failure != JournalFailure.None) return Fail(failure, path);
        chain = new Link(chain.Number + 1, chunk!.Hash);
        return view.Frame.Length;
    }

    private JournalFailure Check(ChunkView view, Link chain) =>
        view.Header.Kind != FrameKind.Chunk ? JournalFailure.BadKind
        : view.Header.Recording != _recording ? JournalFailure.BadRecording
        : view.Header.Chunk != chain.Number ? JournalFailure.BadOrder
        : JournalFailure.None;

    private JournalFailure Open(ChunkView view, Link chain, out JournalChunk? chunk)
    {
        chunk = null;
        JournalFailure failure = SideIndex.TryRead(view.Index, out IReadOnlyList<StreamIndex> streams);
        if (failure != JournalFailure.None) return failure;
        ChainHash hash = RecordingChain.Link(chain.Hash, view.Linked);
        var id = new TrackKeyId(_recording, view.Header.Track, view.Header.KeyEpoch);
        if (!_keys.TryGet(id, out ReadOnlySpan<byte> key))
        {
            chunk = new JournalChunk(view.Header, hash, streams, [], IsErased: true);
            return JournalFailure.None;
        }

        failure = ChunkReader.TryOpen(view, chain.Hash, key, _plain);
        if (failure != JournalFailure.None) return failure;
        byte[] body = _plain.AsSpan(0, view.Header.BodySize).ToArray();
        var entries = new List<JournalEntry>();
        for (ReadOnlySpan<byte> rest = body; !rest.IsEmpty;)
        {
            int recordAt = body.Length - rest.Length;
            failure = JournalRecord.TryTake(ref rest, out JournalRecord record);
            if (failure != JournalFailure.None) return failure;
            entries.Add(new JournalEntry(
                view.Header.Track, record.Type, record.Flags, record.Clock, record.Mono, record.Wall,
                body.AsMemory(recordAt + JournalRecord.HeadSize, record.Payload.Length)));
        }

        chunk = new JournalChunk(view.Header, hash, streams, entries, IsErased: false);
        return JournalFailure.None;
    }

    private int Fail(JournalFailure failure, string path)
    {
        (Failure, FailureFile) = (failure, path);
        return 0;
    }

    private readonly record struct Link(ulong Number, ChainHash Hash);
}
