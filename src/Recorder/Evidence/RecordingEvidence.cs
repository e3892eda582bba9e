using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>The evidence of one open recording: what it holds so far and its manifests.</summary>
/// <remarks>Owned by the <see cref="EvidenceSink"/>; not thread-safe.</remarks>
internal sealed class RecordingEvidence
{
    private readonly Completeness _completeness = new();
    private readonly HashSet<(uint Track, uint Ssrc)> _declared = [];
    private readonly Dictionary<uint, TrackInfo> _tracks = [];
    private readonly HighestNumbers _numbers = new();           // of segments that are read back
    private readonly EvidenceFolder _folder;
    private readonly NoteReader _notes;
    private readonly ManifestWriter _manifests;
    private int _interruptions;

    private RecordingEvidence(EvidenceFolder folder, ManifestWriter manifests)
    {
        _folder = folder;
        _manifests = manifests;
        _notes = new NoteReader(_completeness);
    }

    /// <summary>Segments whose manifest is written.</summary>
    internal int Accepted => _manifests.Segments.Count;

    /// <summary>Begins, or goes on after the segments that lie signed in the folder.</summary>
    internal static RecordingEvidence Open(
        RecordingInfo info, string node, int next, SigningKeys keys, string authorityPem, IKeyVault vault, IKeyEncryptionKey kek, DateTimeOffset now)
    {
        var folder = new EvidenceFolder(info.Folder);
        SegmentManifest[] earlier = [.. Enumerable.Range(1, next - 1).Select(no => ManifestJson.ReadSegment(File.ReadAllBytes(folder.ManifestPath(node, no))))];
        string[] signers = [.. earlier.Select(manifest => manifest.Signer).Distinct()];
        string signer = signers.LastOrDefault(known => keys.CanSign(known, now)) ?? keys.Current(now);
        folder.Prepare(keys, [.. signers.Append(signer).Distinct()], authorityPem, node);
        var evidence = new RecordingEvidence(folder, new ManifestWriter(folder, keys, signer));
        if (earlier.Length > 0) evidence.ReadBack(info, node, earlier, vault, kek);
        return evidence;
    }

    /// <summary>Writes the manifest of the next segment, unless it lies there already.</summary>
    /// <returns>Its path.</returns>
    internal string Accept(ClosedSegment segment, DateTimeOffset now)
    {
        SegmentFacts facts = segment.Facts;
        if (facts.No != Accepted + 1) throw new InvalidOperationException($"Segment {facts.No} of {facts.Recording} comes after {Accepted}.");
        foreach (TrackInfo track in segment.Tracks) Declare(track);
        ILookup<int, SegmentNote> notes = segment.Notes.ToLookup(note => note.Chunk);
        for (int i = 0; i < facts.Chunks.Count; i++)
        {
            Add(facts.Chunks[i]);
            foreach (SegmentNote note in notes[i]) _notes.Take(note);
        }

        foreach (Interruption one in segment.Interruptions.Skip(_interruptions))
            _completeness.Interrupt(one.FromWallMicroseconds, one.ToWallMicroseconds, one.Cause);
        _interruptions = segment.Interruptions.Count;
        IReadOnlyList<TrackEntry> tracks = _completeness.CloseSegment();
        (EventsEntry events, ClockEntry clock) = _notes.CloseSegment(facts.ToWallMicroseconds);
        if (IsWritten(facts))
        {
            _manifests.Resume(facts.Node, facts.No, facts.Chunks.Select(chunk => chunk.Hash));
            return _folder.ManifestPath(facts.Node, facts.No);
        }

        return _manifests.Write(facts, tracks, events, clock, now);
    }

    /// <summary>Writes the sealed manifest and the sums.</summary>
    /// <param name="recording">What was closed.</param>
    /// <param name="now">The time of the signature.</param>
    /// <param name="report">What it holds and lacks.</param>
    /// <returns>Path of the manifest.</returns>
    internal string Seal(ClosedRecording recording, DateTimeOffset now, out CompletenessReport report)
    {
        if (recording.Segments != Accepted) throw new InvalidOperationException($"{recording.Info.Id} has {recording.Segments} segments and {Accepted} manifests.");
        _notes.End(recording.EndedWallMicroseconds);
        RecordingInfo info = recording.Info;
        var facts = new RecordingFacts(
            info.Id, info.Tenant, info.Room, info.Policy, recording.Node, DateTimeOffset.UnixEpoch.AddMicroseconds(info.StartedWallMicroseconds),
            DateTimeOffset.UnixEpoch.AddMicroseconds(recording.EndedWallMicroseconds), recording.EndReason);
        report = _completeness.Seal(new QualityConditions(RecorderMissing: false, SyncResidualMilliseconds: null));
        return _manifests.Seal(facts, report, now);
    }

    /// <summary>The process ended after this segment's manifest and before the log said so.</summary>
    private bool IsWritten(SegmentFacts facts)
    {
        string path = _folder.ManifestPath(facts.Node, facts.No);
        return File.Exists(path) && ManifestJson.ReadSegment(File.ReadAllBytes(path)).File.Sha256 == ManifestJson.Hex(facts.Sha256.Span);
    }

    private void Declare(TrackInfo track)
    {
        _tracks[track.No] = track;
        _completeness.Declare(new TrackFacts(track.No, track.Participant, track.Identity, track.Kind, track.Source));
    }

    private void Add(ChunkFacts chunk)
    {
        foreach (StreamIndex stream in chunk.Streams)
        {
            if (!_tracks.TryGetValue(chunk.Track, out TrackInfo? track) || track.Formats.Count == 0 || !_declared.Add((chunk.Track, stream.Ssrc))) continue;
            string? rid = track.Streams.FirstOrDefault(known => known.Ssrc == stream.Ssrc)?.Rid;
            _completeness.Declare(chunk.Track, stream.Ssrc, track.Formats[0].Codec, track.Formats[0].ClockRate, rid);
        }

        _completeness.Add(chunk);
    }

    /// <summary>Counts what earlier segments hold once more; their tracks' names and codecs stand in their manifests.</summary>
    private void ReadBack(RecordingInfo info, string node, SegmentManifest[] earlier, IKeyVault vault, IKeyEncryptionKey kek)
    {
        foreach (TrackEntry track in earlier.SelectMany(manifest => manifest.Tracks))
        {
            Declare(new TrackInfo(track.No, track.Participant, track.Identity, track.Kind, track.Source, [], []));
            foreach (StreamEntry stream in track.Streams)
            {
                uint ssrc = Convert.ToUInt32(stream.Ssrc, 16);
                if (_declared.Add((track.No, ssrc))) _completeness.Declare(track.No, ssrc, stream.Codec, stream.ClockRate, stream.Rid);
            }
        }

        using var reader = new JournalReader(info.Id, info.Folder, node, vault, kek);
        using IEnumerator<JournalChunk> chunks = reader.Chunks().GetEnumerator();
        foreach (SegmentManifest manifest in earlier)
        {
            var hashes = new List<ReadOnlyMemory<byte>>();
            while (hashes.Count < manifest.Chain.Chunks && chunks.MoveNext()) hashes.Add(Add(chunks.Current));
            if (hashes.Count < manifest.Chain.Chunks)
                throw new InvalidDataException($"Segment {manifest.Segment} of {info.Id} cannot be read back: {reader.Failure} in {reader.FailureFile}.");
            _completeness.CloseSegment();
            _notes.CloseSegment(0);
            _manifests.Resume(node, manifest.Segment, hashes);
        }
    }

    private byte[] Add(JournalChunk chunk)
    {
        byte[] hash = chunk.Hash.ToArray();
        Add(new ChunkFacts(chunk.Header.Track, hash, chunk.Header.FirstWall, chunk.Streams));
        foreach (JournalEntry entry in chunk.Entries)
        {
            if (entry.Type == RecordType.Event && NoteReader.ReadInterruption(entry.Payload) is { } gap)
            {
                _completeness.Interrupt(gap.FromWallMicroseconds, gap.ToWallMicroseconds, gap.Cause);
                _interruptions++;
            }

            if (entry.Type == RecordType.Rtp) _numbers.OnRtp(entry.Track, entry.Payload.Span);
            else _notes.Take(NoteOf(entry));
        }

        return hash;
    }

    private SegmentNote NoteOf(JournalEntry entry) => new(
        0, entry.Track, entry.Type, entry.MonoNanoseconds, entry.WallMicroseconds, entry.Payload,
        entry.Type == RecordType.RtcpReceived ? _numbers.Of(entry.Track, entry.Payload.Span) : null);
}
