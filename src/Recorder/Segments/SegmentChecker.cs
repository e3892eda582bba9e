using System.Security.Cryptography;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Segments;

/// <summary>Looks at the chunks of a segment, one after the other: chain, seal, side index, records; and keeps what its manifest needs.</summary>
/// <remarks>Owned by one thread.</remarks>
internal sealed class SegmentChecker(SegmentJob job, KeyRing keys)
{
    private readonly List<ChunkFacts> _chunks = [];
    private readonly List<SegmentNote> _notes = [];
    private readonly HighestNumbers _numbers = new();
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _plain = new byte[ChunkFormat.MaxBody];
    private ChainHash _previous = job.Previous;
    private long _bytes;
    private long _fromMono, _fromWall, _toMono = long.MinValue, _toWall = long.MinValue;

    /// <summary>Takes the next chunk.</summary>
    internal JournalFailure Add(ChunkRef chunk, ReadOnlySpan<byte> frame)
    {
        JournalFailure failure = ChunkReader.TryRead(frame, out ChunkView view);
        if (failure != JournalFailure.None) return failure;
        if (view.Header.Recording != job.Info.Id) return JournalFailure.BadRecording;
        ChainHash hash = RecordingChain.Link(_previous, view.Linked);
        if (view.Header.Chunk != chunk.Chunk || hash != chunk.Hash || view.Frame.Length != frame.Length) return JournalFailure.BadOrder;
        if (!keys.TryGet(new TrackKeyId(job.Info.Id, view.Header.Track, view.Header.KeyEpoch), out ReadOnlySpan<byte> key)) return JournalFailure.NoKey;
        failure = ChunkReader.TryOpen(view, _previous, key, _plain);
        if (failure != JournalFailure.None) return failure;
        failure = SideIndex.TryRead(view.Index, out IReadOnlyList<StreamIndex> streams);
        if (failure == JournalFailure.None) failure = AddRecords(view.Header);
        if (failure != JournalFailure.None) return failure;
        if (_chunks.Count == 0) (_fromMono, _fromWall) = (view.Header.FirstMono, view.Header.FirstWall);
        _chunks.Add(new ChunkFacts(view.Header.Track, hash.ToArray(), view.Header.FirstWall, streams));
        _whole.AppendData(frame);
        _bytes += frame.Length;
        _previous = hash;
        return JournalFailure.None;
    }

    /// <summary>The whole segment, after its last chunk.</summary>
    internal ClosedSegment Close()
    {
        byte[] sha256 = _whole.GetHashAndReset();
        _whole.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        var facts = new SegmentFacts(
            job.Info.Id, job.Node, job.No, _bytes, sha256, job.Chunks[0].Chunk, job.Previous.ToArray(), _chunks,
            _fromMono, Math.Max(_fromMono, _toMono), _fromWall, Math.Max(_fromWall, _toWall), job.IsPartial);
        return new ClosedSegment(job.Info, facts, job.Tracks, _notes, job.Interruptions);
    }

    private JournalFailure AddRecords(ChunkHeader header)
    {
        ReadOnlySpan<byte> rest = _plain.AsSpan(0, header.BodySize);
        while (!rest.IsEmpty)
        {
            JournalFailure failure = JournalRecord.TryTake(ref rest, out JournalRecord record);
            if (failure != JournalFailure.None) return failure;
            _toMono = Math.Max(_toMono, record.Mono);
            _toWall = Math.Max(_toWall, record.Wall);
            Note(header.Track, record);
        }

        return JournalFailure.None;
    }

    private void Note(uint track, in JournalRecord record)
    {
        if (record.Type == RecordType.Rtp) _numbers.OnRtp(track, record.Payload);
        if (record.Type is not (RecordType.RtcpReceived or RecordType.Event or RecordType.Receipt or RecordType.ClockAnchor)) return;
        ushort? before = record.Type == RecordType.RtcpReceived ? _numbers.Of(track, record.Payload) : null;
        _notes.Add(new SegmentNote(_chunks.Count, track, record.Type, record.Mono, record.Wall, record.Payload.ToArray(), before));
    }
}
