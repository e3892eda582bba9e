using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Sfu.Media.Time;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A recording read from its evidence folder (docs/evidence.md): sealed segments of all nodes in the order of the chain.</summary>
/// <remarks>The objects are hashed and compared with their manifests when opened: a derivation says what it was made from. Of a recording
/// that still runs, what is in signed segments is read. Not thread-safe.</remarks>
public sealed class EvidenceSource : IRecordingSource
{
    private readonly string _folder;
    private readonly Guid _recording;
    private readonly ITrackKeys _keys;
    private readonly Action? _alive;
    private readonly List<string> _files = [];
    private readonly List<(long Mono, long Recording)> _clocks = []; // one for each start of a recorder: its clock's zero is its own
    private readonly Dictionary<uint, List<ChunkPlace>> _chunks = [];
    private readonly List<SourceTrack> _tracks = [];
    private readonly List<SourceSpan> _spans = [];
    private readonly List<SourceObject> _objects = [];
    private readonly HashSet<ulong> _unreadable = [];
    private ChainHash _last;
    private ulong _next;
    private long _startWall = long.MinValue;
    private bool _isSealed;

    private EvidenceSource(string folder, Guid recording, ITrackKeys keys, Action? alive)
    {
        _alive = alive;
        _folder = folder;
        _recording = recording;
        _keys = keys;
        _last = ChainHash.Start(recording);
    }

    /// <inheritdoc/>
    public string Id => _recording.ToString("D");

    /// <inheritdoc/>
    public DateTimeOffset Start => DateTimeOffset.UnixEpoch.AddMicroseconds(_startWall);

    /// <inheritdoc/>
    public MediaTime Length { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<SourceTrack> Tracks => _tracks;

    /// <inheritdoc/>
    public IReadOnlyList<SourceSpan> Spans => _spans;

    /// <inheritdoc/>
    public IReadOnlyList<SourcePresence> Presence { get; private set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<SourceObject> Objects => _objects;

    /// <inheritdoc/>
    public long UnreadableChunks => _unreadable.Count;

    /// <summary>Opens a folder: hashes its objects and finds every chunk.</summary>
    /// <param name="folder">The evidence folder.</param>
    /// <param name="keys">Opens its chunks.</param>
    /// <param name="alive">Called for every megabyte that is hashed and every chunk that is read, now and later; may throw to end it.</param>
    /// <exception cref="EvidenceException">There is no segment, or one does not fit its manifest or the chain.</exception>
    public static EvidenceSource Open(string folder, ITrackKeys keys, Action? alive = null)
    {
        string segments = Path.Combine(folder, "seg");
        List<(string Path, SegmentManifest Manifest)> manifests = Directory.Exists(segments)
            ? [.. Directory.EnumerateFiles(segments, "seg-*.json", SearchOption.AllDirectories).Select(path => (path, Read(path, ManifestJson.ReadSegment)))
                .OrderBy(pair => pair.Item2.Chain.FirstChunk)]
            : [];
        if (manifests.Count == 0) throw new EvidenceException($"{folder}: no segment of a recording");
        if (!Guid.TryParse(manifests[0].Manifest.Recording, out Guid recording)) throw new EvidenceException($"{manifests[0].Path}: no recording id");
        var source = new EvidenceSource(folder, recording, keys, alive);
        foreach ((string path, SegmentManifest manifest) in manifests) source.Index(path, manifest);
        source.ReadSealed();
        source.ReadEvents();
        return source;
    }

    /// <inheritdoc/>
    public IEnumerable<SourceRecord> Read(int track)
    {
        foreach ((RecordType type, MediaTime at, byte[] payload) in ReadAll((uint)track))
        {
            if (type == RecordType.Rtp) yield return new SourceRecord(SourceRecordKind.Rtp, at, payload);
            else if (type == RecordType.RtcpReceived) yield return new SourceRecord(SourceRecordKind.Rtcp, at, payload);
        }
    }

    private static T Read<T>(string path, ReadJson<T> read)
    {
        try
        {
            return read(File.ReadAllBytes(path));
        }
        catch (JsonException bad)
        {
            throw new EvidenceException($"{path}: {bad.Message}");
        }
    }

    private void Index(string manifestPath, SegmentManifest manifest)
    {
        string path = Path.Combine(Path.GetDirectoryName(manifestPath)!, Path.GetFileName(manifest.File.Name));
        (long bytes, string hash) = FileHash.Of(path, _alive);
        if (hash != manifest.File.Sha256) throw new EvidenceException($"{path}: not what its manifest says");
        _objects.Add(new SourceObject(Path.GetRelativePath(_folder, path).Replace('\\', '/'), bytes, hash));
        int file = _files.Count;
        _files.Add(path);
        using var reader = new ChunkFile(path);
        for (long at = 0; reader.TryReadAt(at, out ReadOnlySpan<byte> frame); at += frame.Length) Take(file, at, frame, path);
        foreach (TrackEntry entry in manifest.Tracks) Merge(entry);
        foreach (PauseEntry pause in manifest.Events.Pause)
            foreach (int track in TracksOf(pause.Scope)) AddSpan(track, "paused", pause.From, pause.To);
    }

    // Of the room, or of one participant: the others go on.
    private int[] TracksOf(string scope) => scope == "room" ? [0] : [.. _tracks.Where(track => track.Participant == scope).Select(track => track.Number)];

    private void Take(int file, long at, ReadOnlySpan<byte> frame, string path)
    {
        _alive?.Invoke();
        JournalFailure failure = ChunkReader.TryRead(frame, out ChunkView view);
        if (failure != JournalFailure.None || view.Header.Recording != _recording || view.Header.Chunk != _next)
            throw new EvidenceException($"{path} at {at}: {(failure == JournalFailure.None ? "not the next chunk" : failure)}");
        ChunkHeader header = view.Header;
        if (_startWall == long.MinValue) _startWall = header.FirstWall;
        if (_clocks.Count == 0 || (header.Flags & ChunkMarks.Restarted) != 0) _clocks.Add((header.FirstMono, (header.FirstWall - _startWall) * 1000));
        if (!_chunks.TryGetValue(header.Track, out List<ChunkPlace>? places)) _chunks.Add(header.Track, places = []);
        places.Add(new ChunkPlace(file, at, frame.Length, _last, _clocks.Count - 1));
        _last = RecordingChain.Link(_last, view.Linked);
        _next++;
        Length = MediaTime.Max(Length, ToRecordingTime(_clocks.Count - 1, header.FirstMono));
    }

    private IEnumerable<(RecordType Type, MediaTime At, byte[] Payload)> ReadAll(uint track)
    {
        ChunkFile? open = null;
        int number = -1;
        try
        {
            foreach (ChunkPlace place in _chunks.GetValueOrDefault(track) ?? [])
            {
                if (place.File != number)
                {
                    open?.Dispose();
                    open = new ChunkFile(_files[number = place.File]);
                }
                foreach ((RecordType Type, MediaTime At, byte[] Payload) record in Decrypt(open!, place)) yield return record;
            }
        }
        finally
        {
            open?.Dispose();
        }
    }

    private List<(RecordType Type, MediaTime At, byte[] Payload)> Decrypt(ChunkFile file, ChunkPlace place)
    {
        _alive?.Invoke();
        var records = new List<(RecordType, MediaTime, byte[])>();
        Span<byte> key = stackalloc byte[32];
        if (!file.TryReadAt(place.Offset, out ReadOnlySpan<byte> frame) || ChunkReader.TryRead(frame, out ChunkView view) != JournalFailure.None)
            throw new EvidenceException($"{_files[place.File]} at {place.Offset}: changed while it was read");
        byte[] plain = new byte[view.Header.BodySize];
        bool isOpen = _keys.TryGet(_recording, view.Header.Track, view.Header.KeyEpoch, key)
            && ChunkReader.TryOpen(view, place.Previous, key, plain) == JournalFailure.None;
        CryptographicOperations.ZeroMemory(key);
        if (!isOpen)
        {
            _unreadable.Add(view.Header.Chunk);
            return records;
        }
        ReadOnlySpan<byte> rest = plain;
        while (!rest.IsEmpty && JournalRecord.TryTake(ref rest, out JournalRecord record) == JournalFailure.None)
        {
            MediaTime at = ToRecordingTime(place.Clock, record.Mono);
            Length = MediaTime.Max(Length, at);
            records.Add((record.Type, at, record.Payload.ToArray()));
        }
        return records;
    }

    private void ReadSealed()
    {
        string path = Path.Combine(_folder, "recording.json");
        if (!File.Exists(path)) return;
        _isSealed = true;
        SealedManifest manifest = Read(path, ManifestJson.ReadSealed);
        foreach (GapEntry gap in manifest.Gaps) AddSpan((int)gap.Track, gap.Cause, gap.FromUtc, gap.ToUtc);
        foreach (InterruptionEntry gap in manifest.Interruptions) AddSpan(0, gap.Cause, gap.FromUtc, gap.ToUtc);
    }

    private void ReadEvents()
    {
        var presence = new PresenceReader();
        foreach ((RecordType type, MediaTime at, byte[] payload) in ReadAll(0))
        {
            if (type != RecordType.Event) continue;
            presence.Take(at, payload);
            // Sealed manifests tell of interruptions; before there is one, the journal does.
            if (!_isSealed && JournalText.ReadRestarted(payload) is { } gap)
                AddSpan(0, gap.Cause, ManifestJson.Utc(gap.FromWallMicroseconds), ManifestJson.Utc(gap.ToWallMicroseconds));
            if (TrackEvent.TryRead(payload) is not { } said) continue;
            int place = _tracks.FindIndex(track => track.Number == said.Track);
            if (place >= 0) _tracks[place] = said.Apply(_tracks[place]);
        }
        Presence = presence.Finish(Length);
    }

    private void Merge(TrackEntry entry)
    {
        List<SourceFormat> formats = [];
        var encodings = new Dictionary<uint, string>();
        foreach (StreamEntry stream in entry.Streams)
        {
            if (!uint.TryParse(stream.Ssrc, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint ssrc)) continue;
            if (stream.Rid is not null) encodings[ssrc] = stream.Rid;
            if (SourceFormat.TryParseCodec(stream.Codec, out var codec) && stream.ClockRate > 0) formats.Add(new SourceFormat(null, ssrc, codec, stream.ClockRate));
        }
        int at = _tracks.FindIndex(track => track.Number == (int)entry.No);
        SourceTrack known = at >= 0 ? _tracks[at] : new SourceTrack
        {
            Number = (int)entry.No,
            Participant = entry.Participant,
            Identity = entry.Identity,
            Name = entry.Identity,
            IsVideo = entry.Kind == "video",
            Source = entry.Source,
            Formats = [],
        };
        foreach ((uint ssrc, string rid) in known.Encodings) encodings.TryAdd(ssrc, rid);
        SourceTrack merged = known with { Formats = [.. formats.Union(known.Formats)], Encodings = encodings };
        if (at >= 0) _tracks[at] = merged;
        else _tracks.Insert(_tracks.FindLastIndex(track => track.Number < merged.Number) + 1, merged);
    }

    private void AddSpan(int track, string cause, string from, string to)
    {
        if (DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, out DateTimeOffset begin) && DateTimeOffset.TryParse(to, CultureInfo.InvariantCulture, out DateTimeOffset end))
            _spans.Add(new SourceSpan(track, cause, MediaTime.Zero + (begin - Start), MediaTime.Zero + (end - Start)));
    }

    private MediaTime ToRecordingTime(int clock, long mono) => new(Math.Max(0, _clocks[clock].Recording + mono - _clocks[clock].Mono));

    private delegate T ReadJson<T>(ReadOnlySpan<byte> json);

    /// <summary>Where a chunk lies.</summary>
    private readonly record struct ChunkPlace(int File, long Offset, int Length, ChainHash Previous, int Clock);
}
