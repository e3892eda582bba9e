using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>One recording that is being written: tracks to chunks, chunks to the log, durable chunks to segments.</summary>
/// <remarks>Owned by the recorder's thread; told the time.</remarks>
internal sealed class OpenRecording : IFrameOwner, IDisposable
{
    private readonly RecorderContext _context;
    private readonly RecordingChain _chain;
    private readonly SortedDictionary<uint, TrackInfo> _tracks = [];
    private readonly Dictionary<uint, TrackState> _live = [];
    private readonly List<Interruption> _interruptions = [];
    private readonly List<ChunkRef> _unsealed = [];
    private readonly TrackState _root = new(0);
    private readonly TaskCompletionSource<ClosedRecording> _sealedTask = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChunkMarks _nextMarks;
    private ulong _durableNext, _sealed;
    private ChainHash _durableHash, _sealedHash;
    private int _nextSegment = 1, _checked, _inSegment;
    private uint _nextTrack = 1;
    private bool _isSegmentBusy, _isLastSealed;
    private MediaTime _segmentNotBefore, _nextAnchor;

    /// <summary>Begins a recording.</summary>
    internal OpenRecording(RecorderContext context, RecordingInfo info)
    {
        (_context, Info) = (context, info);
        _chain = new RecordingChain(info.Id);
        _durableHash = _sealedHash = _chain.Last;
    }

    /// <summary>Goes on with a recording of an earlier process.</summary>
    internal OpenRecording(RecorderContext context, Recovery.RecoveredRecording recovered)
    {
        (_context, Info, IsEnded) = (context, recovered.Info, recovered.IsEnded);
        _chain = new RecordingChain(recovered.Next, recovered.Hash);
        (_durableNext, _durableHash) = (recovered.Next, recovered.Hash);
        (_sealed, _sealedHash, _nextSegment) = (recovered.Sealed, recovered.SealedHash, recovered.NextSegment);
        (_nextTrack, _root.NextEpoch) = (recovered.NextTrack, recovered.NextEpoch);
        foreach (TrackInfo track in recovered.Tracks) _tracks[track.No] = track;
        _interruptions.AddRange(recovered.Interruptions);
        _unsealed.AddRange(recovered.Chunks);
    }

    /// <summary>What it is.</summary>
    internal RecordingInfo Info { get; }

    /// <summary>Its last chunk was sealed.</summary>
    internal bool IsEnded { get; private set; }

    /// <summary>It is sealed and the log says so: nothing is left to do.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>What was sealed; set by the segment thread before it reports the last segment.</summary>
    internal ClosedRecording? Facts { get; set; }

    /// <summary>Ends when the recording is sealed and the log says so; cancelled when the recorder ends before.</summary>
    internal Task<ClosedRecording> WhenSealed => _sealedTask.Task;

    /// <summary>Chunks that are on the disk, from the first one on.</summary>
    internal ulong DurableChunks => _durableNext;

    /// <summary>Durable chunks in no signed segment.</summary>
    internal int UnsealedChunks => _unsealed.Count;

    /// <summary>Tracks that taps write to.</summary>
    internal IEnumerable<TrackState> LiveTracks => _live.Values;

    /// <summary>Since when the oldest record of a chunk that is not sealed waits.</summary>
    internal MediaTime CollectingSince
    {
        get
        {
            MediaTime since = _root.Builder.IsEmpty ? MediaTime.Never : new MediaTime(_root.Builder.FirstMono);
            foreach (TrackState track in _live.Values)
                if (!track.Builder.IsEmpty) since = MediaTime.Min(since, new MediaTime(track.Builder.FirstMono));
            return since;
        }
    }

    /// <summary>Writes the state that makes the recording known to a restart, and its first record.</summary>
    /// <param name="now">The time.</param>
    /// <param name="durable">Ends when the state is on the disk.</param>
    internal void Begin(MediaTime now, TaskCompletionSource<bool> durable)
    {
        foreach (WalFrame frame in MakeState(now, new DurableSignal(durable, _context.Segments, Info))) _context.Wal.Append(frame);
        WriteAnchor(now);
        _context.Wal.SyncSoon();
    }

    /// <summary>Declares the gap of a restart: the first record of the first chunk after it.</summary>
    internal void Restart(MediaTime now, long lastWall)
    {
        var gap = new Interruption(lastWall, Math.Max(lastWall, _context.Clock.ToWallMicroseconds(now.Nanoseconds)), "recorder_restarted");
        _interruptions.Add(gap);
        _nextMarks = ChunkMarks.Restarted;
        Write(now, _root, RecordType.Event, JournalText.Restarted(gap));
        WriteAnchor(now);
        Seal(now, _root);
    }

    /// <summary>Adds a track; its number is given here.</summary>
    internal TrackState AddTrack(MediaTime now, TrackInfo info, Func<uint, RecordingTap> makeTap)
    {
        uint no = _nextTrack++;
        var state = new TrackState(no) { Tap = makeTap(no) };
        _live.Add(no, state);
        Update(now, info with { No = no });
        return state;
    }

    /// <summary>Changes what is known of a track; false when it is unknown.</summary>
    internal bool TryUpdate(MediaTime now, TrackInfo info)
    {
        if (!_tracks.ContainsKey(info.No)) return false;
        if (_live.GetValueOrDefault(info.No)?.Tap is { } tap) tap.Learn(info.Formats);
        Update(now, info);
        return true;
    }

    /// <summary>Ends a track: what it collected is sealed.</summary>
    internal RecordingTap? CloseTrack(MediaTime now, uint no)
    {
        if (!_live.Remove(no, out TrackState? state)) return null;
        ReportRefused(now, state);
        Seal(now, state);
        state.Dispose();
        return state.Tap;
    }

    /// <summary>Writes a record of the recording itself.</summary>
    internal void Write(MediaTime now, RecordType type, ReadOnlySpan<byte> payload) => Write(now, _root, type, payload);

    /// <summary>Takes what a tap copied.</summary>
    internal void Take(TrackState track, in RingEntry entry, ReadOnlySpan<byte> payload)
    {
        var at = new MediaTime(entry.Mono);
        switch (entry.Kind)
        {
            case RingEntryKind.Rtp: TakeRtp(track, entry, payload); break;
            case RingEntryKind.SenderReport: Write(at, track, RecordType.RtcpReceived, payload); break;
            case RingEntryKind.Muted: Write(at, track, RecordType.Event, JournalText.Muted); break;
            case RingEntryKind.Unmuted: Write(at, track, RecordType.Event, JournalText.Unmuted); break;
            case RingEntryKind.Receipt:
                Write(at, track, RecordType.Receipt, JournalText.Receipt(entry.Ssrc, entry.Value, track.Builder.StoredOf(entry.Ssrc)));
                break;
            case RingEntryKind.Withheld:
                Write(at, track, RecordType.Event, JournalText.Withheld(entry));
                break;
        }
    }

    /// <summary>Seals what is due, hands segments on, anchors the clock.</summary>
    internal void Poll(MediaTime now)
    {
        if (!IsEnded)
        {
            if (now >= _nextAnchor) WriteAnchor(now);
            foreach (TrackState track in _live.Values)
            {
                ReportRefused(now, track);
                if (IsDue(now, track)) Seal(now, track);
            }

            if (IsDue(now, _root)) Seal(now, _root);
        }

        if (!_isSegmentBusy && now >= _segmentNotBefore) OfferSegment();
    }

    /// <summary>Seals whatever is collected.</summary>
    internal void Flush(MediaTime now)
    {
        foreach (TrackState track in _live.Values) Seal(now, track);
        Seal(now, _root);
    }

    /// <summary>Ends the recording: the last chunk says so.</summary>
    internal IReadOnlyList<RecordingTap> End(MediaTime now, string reason)
    {
        List<RecordingTap> taps = [.. _live.Values.Select(track => track.Tap!)];
        foreach (uint no in _live.Keys.ToArray()) CloseTrack(now, no);
        Write(now, _root, RecordType.Event, JournalText.Stopped(reason));
        _nextMarks |= ChunkMarks.Last;
        Seal(now, _root);
        IsEnded = true;
        return taps;
    }

    /// <summary>The state as it is on the disk, in one or more frames.</summary>
    internal IEnumerable<WalFrame> MakeState(MediaTime now, IFrameOwner? owner = null)
    {
        const int perFrame = 500;
        TrackInfo[] tracks = [.. _tracks.Values];
        yield return State(now, new OpenedState(
            Info, _durableNext, _durableHash.ToString(), _sealed, _sealedHash.ToString(), _nextSegment, _nextTrack, _root.NextEpoch,
            tracks[..Math.Min(perFrame, tracks.Length)], _interruptions), owner);
        for (int i = perFrame; i < tracks.Length; i += perFrame)
            yield return State(now, TracksOnly(tracks[i..Math.Min(i + perFrame, tracks.Length)]));
    }

    /// <summary>True when a restart need not know it any more: its last segment is signed and the log says so.</summary>
    internal bool IsForgotten => _isLastSealed;

    /// <inheritdoc/>
    public void OnDurable(WalFrame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Chunk:
                _unsealed.Add(new ChunkRef(frame.File!, frame.Offset, frame.Size, frame.Chunk, frame.Hash, frame.FirstMono.Nanoseconds, frame.Marks));
                frame.File!.UnsealedChunks++;
                (_durableNext, _durableHash) = (frame.Chunk + 1, frame.Hash);
                break;
            case FrameKind.SealedUpTo:
                OnSealedDurable(frame);
                break;
            case FrameKind.Closed:
                IsClosed = true;
                _sealedTask.TrySetResult(Facts!);
                break;
        }
    }

    /// <summary>A segment was written and signed, or not; called on the recorder's thread.</summary>
    internal void OnSegment(MediaTime now, SegmentResult result)
    {
        if (result.Step != SegmentStep.Done)
        {
            _isSegmentBusy = false;
            _segmentNotBefore = now + RecorderContext.SegmentRetry;
            return;
        }

        ChunkRef last = _unsealed[_inSegment - 1];
        (_sealed, _sealedHash) = (last.Chunk + 1, last.Hash);
        _nextSegment++;
        _context.Wal.Append(WalFrame.OfState(FrameKind.SealedUpTo, Info.Id, SealedFrame.Write(_sealed, _sealedHash, _nextSegment), now, this, _sealed));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sealedTask.TrySetCanceled();
        _root.Dispose();
        foreach (TrackState track in _live.Values) track.Dispose();
    }

    private void OnSealedDurable(WalFrame frame)
    {
        foreach (ChunkRef chunk in _unsealed.Take(_inSegment)) chunk.File.UnsealedChunks--;
        _isLastSealed = (_unsealed[_inSegment - 1].Marks & ChunkMarks.Last) != 0;
        _unsealed.RemoveRange(0, _inSegment);
        (_isSegmentBusy, _checked, _inSegment) = (false, 0, 0);
        if (_isLastSealed) _context.Wal.Append(WalFrame.OfState(FrameKind.Closed, Info.Id, [], frame.Since, this));
    }

    private void OfferSegment()
    {
        SegmentCut cut = SegmentCut.Find(_unsealed, _checked);
        if (cut.Count == 0)
        {
            _checked = _unsealed.Count;
            return;
        }

        var job = new SegmentJob(
            Info, _context.Node, _nextSegment, _sealedHash, _unsealed.GetRange(0, cut.Count), cut.IsPartial, [.. _tracks.Values], [.. _interruptions]);
        if (!_context.Segments.TryAdd(this, job)) return;
        (_isSegmentBusy, _inSegment) = (true, cut.Count);
    }

    private void Update(MediaTime now, TrackInfo info)
    {
        _tracks[info.No] = info;
        _context.Wal.Append(State(now, TracksOnly([info])));
    }

    private OpenedState TracksOnly(IReadOnlyList<TrackInfo> tracks) => new(null, null, null, 0, null, 0, _nextTrack, _root.NextEpoch, tracks, null);

    private WalFrame State(MediaTime now, OpenedState state, IFrameOwner? owner = null) => WalFrame.OfState(
        FrameKind.Opened, Info.Id, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(state, WalJson.Default.OpenedState), now, owner);

    private void WriteAnchor(MediaTime now)
    {
        _nextAnchor = now + _context.Options.AnchorInterval;
        Write(now, _root, RecordType.ClockAnchor, JournalText.Anchor(_context.Clock));
    }

    private void ReportRefused(MediaTime now, TrackState track)
    {
        if (track.Tap is not { } tap || tap.Refused == track.ReportedRefused) return;
        long refused = tap.Refused - track.ReportedRefused;
        track.ReportedRefused += refused;
        Write(now, _root, RecordType.Event, JournalText.Fault(track.No, refused));
    }

    private bool IsDue(MediaTime now, TrackState track) =>
        !track.Builder.IsEmpty && now - new MediaTime(track.Builder.FirstMono) >= _context.Options.ChunkSpan;

    private void TakeRtp(TrackState track, in RingEntry entry, ReadOnlySpan<byte> payload)
    {
        if (track.Builder.MustCloseFor(entry.Mono, payload.Length, entry.Ssrc)) Seal(new MediaTime(entry.Mono), track);
        var record = new JournalRecord(
            RecordType.Rtp, entry.Marks, _context.Clock.ErrorClass, entry.Mono, _context.Clock.ToWallMicroseconds(entry.Mono), payload);
        track.Builder.AddRtp(record, entry.Ssrc, entry.Number);
    }

    private void Write(MediaTime at, TrackState track, RecordType type, ReadOnlySpan<byte> payload)
    {
        if (track.Builder.MustCloseFor(at.Nanoseconds, payload.Length, null)) Seal(at, track);
        track.Builder.Add(new JournalRecord(
            type, RecordMarks.None, _context.Clock.ErrorClass, at.Nanoseconds, _context.Clock.ToWallMicroseconds(at.Nanoseconds), payload));
    }

    /// <summary>Seals what a track collected and hands it to the log; the key goes first when it is new.</summary>
    private void Seal(MediaTime now, TrackState track)
    {
        ChunkBuilder builder = track.Builder;
        if (builder.IsEmpty) return;
        if (track.Key is not { } key || now >= key.Until) key = NextKey(now, track);
        int indexSize = builder.IndexSize, size = ChunkSealer.SizeOf(indexSize, builder.Body.Length);
        Span<byte> index = _context.IndexRoom.AsSpan(0, indexSize);
        builder.WriteIndex(index);
        byte[] room = WalFrame.RentChunk(size);
        var header = new ChunkHeader(
            FrameKind.Chunk, _nextMarks, Info.Id, track.No, key.Wrapped.Id.Epoch, _chain.Next, builder.FirstMono, builder.FirstWall,
            builder.Body.Length, indexSize);
        ChunkSealer.Seal(_chain, key.Gcm, header, index, builder.Body, room);
        _nextMarks = ChunkMarks.None;
        builder.Clear();
        _context.Wal.Append(WalFrame.OfChunk(room, size, header, _chain.Last, this));
    }

    private TrackKey NextKey(MediaTime now, TrackState track)
    {
        track.Key?.Dispose();
        TrackKey key = TrackKey.Make(_context.Kek, new TrackKeyId(Info.Id, track.No, track.NextEpoch++), now);
        track.Key = key;
        byte[] body = KeyFrame.Write(key.Wrapped.Kek, [key.Wrapped]);
        _context.Wal.Append(WalFrame.OfState(FrameKind.Keys, Info.Id, body, now, new KeyFrameOwner(_context.Segments, key.Wrapped)));
        return key;
    }
}
