using System.Collections.Concurrent;
using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Recovery;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>One turn of the recorder after the other: commands, rings, chunks, log, segments, health.</summary>
/// <remarks>Owned by one thread, which tells it the time; does no waiting. Calls that other threads may make say so.</remarks>
internal sealed class RecorderCore : IWalHeads, IDisposable
{
    private const int MaxCommands = 8192;

    private readonly RecorderContext _context;
    private readonly SegmentThread _segments;
    private readonly RecorderLease _lease;
    private readonly ConcurrentQueue<Action<MediaTime>> _commands = [];
    private readonly Dictionary<Guid, OpenRecording> _recordings = [];
    private readonly Dictionary<int, (OpenRecording Recording, TrackState Track)> _taps = [];
    private readonly List<Action<MediaTime>> _due = [];
    private volatile CaptureRing[] _rings = [];
    private readonly int _damaged;
    private int _commandCount, _nextTap;
    private long _refusedEvents, _refusedClosed, _segmentFailures, _faults;
    private string? _lastFault;
    private SegmentResult? _segmentFailure;
    private bool _isRestarted;
    private MediaTime _nextClock;
    private RecorderHealth _health = new();
    private volatile Func<bool>? _isHeld;

    /// <summary>Makes a recorder on top of what the log held.</summary>
    internal RecorderCore(RecorderContext context, SegmentThread segments, RecorderLease lease, WalScan scan, IJournalFiles files, IWalSync sync, string folder, long start)
    {
        (_context, _segments, _lease) = (context, segments, lease);
        context.Wal = new WalWriter(files, sync, this, context.Options.Wal, folder, context.Node, Math.Max(start, scan.NextStart), scan.Files);
        foreach (RecoveredRecording recovered in scan.Recordings) _recordings.Add(recovered.Info.Id, new OpenRecording(context, recovered));
        Recovered = scan.Recordings;
        _damaged = scan.Files.Count(file => file.IsDamaged);
        foreach ((WrappedKey key, WalFile file) in scan.Keys) segments.Store(key, file);
    }

    /// <summary>Recordings that an earlier process left open.</summary>
    internal IReadOnlyList<RecoveredRecording> Recovered { get; }

    /// <summary>How it does; any thread.</summary>
    internal RecorderHealth Health => Volatile.Read(ref _health);

    /// <summary>Says whether the host holds the lease; asked each turn on the recorder's thread, null = it never does. May be set on any thread.</summary>
    internal Func<bool>? IsHeld
    {
        get => _isHeld;
        set => _isHeld = value;
    }

    /// <summary>The log.</summary>
    internal WalWriter Wal => _context.Wal;

    /// <summary>Adds a worker's ring; any thread.</summary>
    internal void AddRing(CaptureRing ring)
    {
        lock (_commands) _rings = [.. _rings, ring];
    }

    /// <summary>Queues something to do after all that taps copied before; any thread. False when the queue is full.</summary>
    internal bool TryPost(Action<MediaTime> command)
    {
        if (Interlocked.Increment(ref _commandCount) > MaxCommands)
        {
            Interlocked.Decrement(ref _commandCount);
            Interlocked.Increment(ref _refusedEvents);
            return false;
        }

        _commands.Enqueue(command);
        return true;
    }

    /// <summary>Finds an open recording; on the recorder's thread.</summary>
    internal OpenRecording? Find(Guid id) => _recordings.GetValueOrDefault(id);

    /// <summary>Begins a recording; on the recorder's thread. False when the id is known.</summary>
    internal bool TryOpen(MediaTime now, RecordingInfo info, TaskCompletionSource<bool> durable)
    {
        if (_recordings.ContainsKey(info.Id)) return false;
        var recording = new OpenRecording(_context, info);
        _recordings.Add(info.Id, recording);
        recording.Begin(now, durable);
        return true;
    }

    /// <summary>Adds a track; on the recorder's thread.</summary>
    internal RecordingTap AddTrack(MediaTime now, OpenRecording recording, TrackInfo info, CaptureRing ring, TapGate gate)
    {
        int id = _nextTap++;
        TrackState track = recording.AddTrack(now, info, no => new RecordingTap(ring, id, recording.Info.Id, no, gate, info.Formats));
        _taps.Add(id, (recording, track));
        return track.Tap!;
    }

    /// <summary>Forgets the tap of a closed track; on the recorder's thread.</summary>
    internal void Remove(RecordingTap tap)
    {
        _refusedClosed += tap.Refused;
        _taps.Remove(tap.Id);
    }

    /// <summary>Does one turn.</summary>
    /// <param name="now">The time.</param>
    /// <param name="read">Reads both clocks; called when it is time for it.</param>
    internal void Turn(MediaTime now, Func<ClockReading> read)
    {
        if (now >= _nextClock)
        {
            _context.Clock = read();
            _nextClock = now + _context.Options.AnchorInterval;
        }

        if (!_isRestarted) Restart(now);
        TakeResults(now);
        bool isDrained = Drain(now);
        if (isDrained) RunDue(now);
        foreach (OpenRecording recording in _recordings.Values) recording.Poll(now);
        Wal.Poll(now);
        Forget();
        Publish(now);
    }

    /// <summary>Counts an error of the recorder itself; any thread.</summary>
    internal void OnFault(Exception fault)
    {
        _lastFault = fault.Message;
        Interlocked.Increment(ref _faults);
        _lease.Expire();
    }

    /// <summary>Seals what is collected; recordings stay open for the next start.</summary>
    internal void Flush(MediaTime now)
    {
        Drain(now);
        RunDue(now);
        foreach (OpenRecording recording in _recordings.Values) recording.Flush(now);
        Wal.SyncSoon();
    }

    /// <inheritdoc/>
    public IEnumerable<WalFrame> MakeHeads(MediaTime now)
    {
        foreach (OpenRecording recording in _recordings.Values)
        {
            if (recording.IsForgotten) continue;
            foreach (WalFrame frame in recording.MakeState(now)) yield return frame;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lease.Expire();
        foreach (OpenRecording recording in _recordings.Values) recording.Dispose();
        Wal.Close();
    }

    private void Restart(MediaTime now)
    {
        _isRestarted = true;
        foreach (RecoveredRecording recovered in Recovered)
            if (!recovered.IsEnded) _recordings[recovered.Info.Id].Restart(now, recovered.LastWall);
    }

    private void TakeResults(MediaTime now)
    {
        while (_segments.Results.TryDequeue(out (OpenRecording? Recording, WalFile? File, SegmentResult Result) done))
        {
            bool failed = done.Result.Step != SegmentStep.Done;
            if (failed) _segmentFailures++;
            if (failed || done.Recording is not null) _segmentFailure = failed ? done.Result : null;
            if (done.File is { } file) file.UnvaultedKeys--;
            done.Recording?.OnSegment(now, done.Result);
        }
    }

    /// <summary>Takes what the rings held when it began; commands that were queued before that are due then.</summary>
    /// <returns>False when the log can take no more.</returns>
    private bool Drain(MediaTime now)
    {
        if (_due.Count == 0)
        {
            while (_commands.TryDequeue(out Action<MediaTime>? command)) _due.Add(command);
        }

        foreach (CaptureRing ring in _rings)
        {
            long end = ring.Written;
            while (ring.TryPeek(end, out RingEntry entry, out ReadOnlySpan<byte> payload))
            {
                if (Wal.IsFull)
                {
                    Wal.Poll(now);                             // perhaps a sync has ended
                    if (Wal.IsFull) return false;
                }

                if (_taps.TryGetValue(entry.Tap, out (OpenRecording Recording, TrackState Track) tap)) tap.Recording.Take(tap.Track, entry, payload);
                ring.Advance(entry);
            }
        }

        return !Wal.IsFull;
    }

    private void RunDue(MediaTime now)
    {
        foreach (Action<MediaTime> command in _due)
        {
            Interlocked.Decrement(ref _commandCount);
            command(now);
        }

        _due.Clear();
    }

    private void Forget()
    {
        List<Guid>? closed = null;
        foreach (OpenRecording recording in _recordings.Values)
            if (recording.IsClosed) (closed ??= []).Add(recording.Info.Id);
        if (closed is null) return;
        foreach (Guid id in closed)
        {
            _recordings[id].Dispose();
            _recordings.Remove(id);
        }
    }

    private void Publish(MediaTime now)
    {
        RecorderOptions options = _context.Options;
        MediaTime unwritten = Wal.UnwrittenSince;
        long unsealed = 0, refused = _refusedClosed, waiting = 0;
        foreach (OpenRecording recording in _recordings.Values)
        {
            unwritten = MediaTime.Min(unwritten, recording.CollectingSince);
            unsealed += recording.UnsealedChunks;
        }

        foreach ((OpenRecording _, TrackState track) in _taps.Values) refused += track.Tap!.Refused;
        foreach (CaptureRing ring in _rings) waiting += ring.Waiting;
        TimeSpan written = Age(now, unwritten) - options.ChunkSpan;
        if (written < TimeSpan.Zero) written = TimeSpan.Zero;
        TimeSpan synced = Age(now, Wal.UnsyncedSince);
        bool keepsUp = written <= options.MaxLag && synced <= options.Wal.SyncInterval + options.MaxLag && !Wal.IsFull;
        bool isHeld = _isHeld is { } asks && asks();
        if (keepsUp && !isHeld) _lease.Renew(now + options.LeaseTime);
        else _lease.Expire();
        Volatile.Write(ref _health, new RecorderHealth
        {
            At = now,
            KeepsUp = keepsUp,
            WrittenLag = written,
            SyncedLag = synced,
            LogFailure = Wal.Failure.Failure,
            LogFailureAt = Wal.Failure.At,
            LogFailures = Wal.Failures,
            Refused = refused,
            RefusedEvents = Interlocked.Read(ref _refusedEvents),
            RingBytes = waiting,
            PendingBytes = Wal.PendingBytes,
            DurableBytes = Wal.DurableBytes,
            LogFiles = Wal.FileCount,
            DamagedLogFiles = _damaged,
            UnsealedChunks = unsealed,
            SegmentFailures = _segmentFailures,
            SegmentFailure = _segmentFailure,
            Recordings = _recordings.Count,
            Faults = Interlocked.Read(ref _faults),
            LastFault = _lastFault,
        });
    }

    private static TimeSpan Age(MediaTime now, MediaTime since) => since.IsNever || since > now ? TimeSpan.Zero : now - since;
}
