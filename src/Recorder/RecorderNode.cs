using Sfu.Media.Buffers;
using Sfu.Media.Native;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Recordings;
using Sfu.Recorder.Recovery;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder;

/// <summary>The recorder of one node: open it once, give each media worker a ring, and record.</summary>
/// <remarks>
/// Owned by the process that hosts it; its members are for any thread. It runs three threads: the recorder's (rings to chunks to the log),
/// the one that waits for fdatasync, and the one that stores keys and writes and signs segments. No media worker ever waits for any of them.
/// Order of use: <c>Start</c>; <see cref="AddRing"/> for each worker; <see cref="OpenRecordingAsync"/>; <see cref="AddTrackAsync"/>, whose
/// tap is attached to a producer of the worker that the ring belongs to; detach the tap from the worker, then <see cref="CloseTrackAsync"/>;
/// <see cref="StopAsync"/>. What is open when the process ends goes on at the next start: <see cref="Recovered"/>.
/// </remarks>
public sealed class RecorderNode : IDisposable
{
    private static readonly TimeSpan TurnInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly RecorderOptions _options;
    private readonly IRecorderClock _clock;
    private readonly FileStream _lock;
    private readonly SegmentThread _segments;
    private readonly SyncThread _sync;
    private readonly RecorderCore _core;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private volatile bool _ends;
    private int _isDisposed;

    private RecorderNode(RecorderOptions options, IRecorderClock clock, IKeyEncryptionKey kek, IKeyVault vault, ISegmentSink sink, IJournalFiles files)
    {
        (_options, _clock) = (options, clock);
        string folder = Path.Combine(options.WalFolder, options.Node);
        _lock = Lock(folder, files);
        try
        {
            WalScan scan = new WalScanner(files, folder).Scan();
            if (scan.Failure.IsFailure) throw new RecorderStartException(folder, scan.Failure);
            StoreKeys(scan, vault);
            FindLastRecords(scan, files, vault, kek);
            _segments = new SegmentThread(files, vault, kek, sink, options.Node, Wake);
            _sync = new SyncThread(files, Wake);
            var context = new RecorderContext { Options = options, Kek = kek, Segments = _segments };
            long start = clock.Read().Anchor.UnixNanoseconds / 1_000_000;
            _core = new RecorderCore(context, _segments, Lease, scan, files, _sync, folder, start);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }

        Recovered = [.. _core.Recovered.Select(recording => new RecoveredInfo(recording.Info, recording.IsEnded, recording.LastWall, [.. recording.Tracks]))];
        _segments.Start();
        _thread = new Thread(Run) { Name = "recorder", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Recordings that an earlier process left open. They go on by themselves.</summary>
    public IReadOnlyList<RecoveredInfo> Recovered { get; }

    /// <summary>The word of this recorder that it keeps up: for tracks that must be recorded. It expires by itself when the recorder's thread is
    /// stuck, and at once when the recorder falls behind.</summary>
    public RecorderLease Lease { get; } = new();

    /// <summary>How the recorder does, as of its last turn.</summary>
    public RecorderHealth Health => _core.Health;

    /// <summary>Has somebody told how long each sync of the log took that ended well. Called on a thread of the recorder; must not throw or wait.</summary>
    public void OnSynced(Action<TimeSpan> took) => _sync.Took = took;

    /// <summary>Has the host asked each turn whether it holds the lease: while it does, what must be recorded is not forwarded, although the
    /// recorder goes on with all that is open. Called on the recorder's thread; must not throw or wait.</summary>
    public void HoldWhile(Func<bool> isHeld) => _core.IsHeld = isHeld;

    /// <summary>Reads the log and starts. Takes as long as reading what is not sealed.</summary>
    /// <param name="options">Sizes, times and places.</param>
    /// <param name="clock">The clock that media workers stamp packets with.</param>
    /// <param name="kek">Wraps the keys of tracks.</param>
    /// <param name="vault">Keeps them wrapped.</param>
    /// <param name="sink">Signs segments.</param>
    /// <exception cref="RecorderStartException">The log cannot be read, or another process has it.</exception>
    public static RecorderNode Start(RecorderOptions options, IRecorderClock clock, IKeyEncryptionKey kek, IKeyVault vault, ISegmentSink sink) =>
        new(options, clock, kek, vault, sink, new LinuxFiles());

    /// <summary>The same on another file system.</summary>
    internal static RecorderNode Start(
        RecorderOptions options, IRecorderClock clock, IKeyEncryptionKey kek, IKeyVault vault, ISegmentSink sink, IJournalFiles files) =>
        new(options, clock, kek, vault, sink, files);

    /// <summary>Makes the ring of one media worker.</summary>
    public CaptureRing AddRing()
    {
        var ring = new CaptureRing(_options.RingSize);
        _core.AddRing(ring);
        return ring;
    }

    /// <summary>Begins a recording; the task ends when its opening is on the disk. One that <see cref="Recovered"/> names needs no opening.</summary>
    /// <exception cref="ArgumentException">The id is known, or the folder is not absolute.</exception>
    /// <exception cref="RecorderBusyException">The recorder does not answer.</exception>
    public async Task OpenRecordingAsync(RecordingInfo info)
    {
        if (!Path.IsPathFullyQualified(info.Folder)) throw new ArgumentException($"{info.Folder} is not absolute.", nameof(info));
        if (info.Context?.Length > 4096) throw new ArgumentException("The context is longer than 4,096 characters.", nameof(info));
        var durable = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Call(now => _core.TryOpen(now, info, durable) ? true : throw new ArgumentException($"Recording {info.Id} is open already.", nameof(info)))
            .ConfigureAwait(false);
        await InTime(durable.Task).ConfigureAwait(false);
    }

    /// <summary>Adds a track.</summary>
    /// <param name="recording">An open recording.</param>
    /// <param name="track">Whose it is; its number is given by the recorder.</param>
    /// <param name="ring">The ring of the worker that receives it.</param>
    /// <param name="gate">Whether the tap copies from the beginning.</param>
    /// <returns>The tap, to be attached to the producer.</returns>
    /// <exception cref="KeyNotFoundException">No such open recording.</exception>
    public Task<RecordingTap> AddTrackAsync(Guid recording, TrackInfo track, CaptureRing ring, TapGate gate) =>
        Call(now => _core.AddTrack(now, Open(recording), track, ring, gate));

    /// <summary>Changes what is known of a track: names, formats, streams.</summary>
    public Task<bool> UpdateTrackAsync(Guid recording, TrackInfo track) => Call(now => Open(recording).TryUpdate(now, track));

    /// <summary>Ends a track after the worker detached its tap; what the tap copied is in the journal then.</summary>
    public Task CloseTrackAsync(RecordingTap tap) => Call(now =>
    {
        if (_core.Find(tap.Recording)?.CloseTrack(now, tap.Track) is not null) _core.Remove(tap);
        return true;
    });

    /// <summary>Writes a record of the recording itself: an event, a message of a data channel, a forward map.</summary>
    /// <param name="recording">An open recording; of one that ended meanwhile the record is dropped.</param>
    /// <param name="type">Not <see cref="RecordType.Rtp"/>.</param>
    /// <param name="payload">Up to 65,512 bytes; not changed afterwards.</param>
    /// <returns>False when the queue is full: counted in <see cref="RecorderHealth.RefusedEvents"/>.</returns>
    public bool TryWrite(Guid recording, RecordType type, ReadOnlyMemory<byte> payload) => TryWrite(recording, type, payload, null);

    /// <summary>The same with the time at which it happened or came, where that is not when the recorder takes it.</summary>
    public bool TryWrite(Guid recording, RecordType type, ReadOnlyMemory<byte> payload, MediaTime? at)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, JournalRecord.MaxPayload, nameof(payload));
        ArgumentOutOfRangeException.ThrowIfEqual((int)type, (int)RecordType.Rtp, nameof(type));
        return _core.TryPost(now =>
        {
            if (_core.Find(recording) is { IsEnded: false } open) open.Write(at ?? now, type, payload.Span);
        });
    }

    /// <summary>Ends a recording. Its taps must be detached, or their later packets are dropped.</summary>
    /// <param name="recording">The recording; of one that ended already the sealing is waited for.</param>
    /// <param name="reason">Such as <c>stopped</c>; told again after a crash.</param>
    /// <param name="cancellation">Ends the waiting. Sealing goes on by itself, also at the next start.</param>
    /// <returns>When segments and seal are signed and durable. It waits while the disk or the signer refuses: see <see cref="Health"/>.</returns>
    /// <exception cref="KeyNotFoundException">No such recording, or it is sealed.</exception>
    /// <exception cref="RecorderBusyException">The recorder does not answer.</exception>
    public async Task<ClosedRecording> StopAsync(Guid recording, string reason, CancellationToken cancellation = default)
    {
        Task<ClosedRecording> whenSealed = await Call(now =>
        {
            if (_core.Find(recording) is not { } open) throw new KeyNotFoundException($"Recording {recording} is not open.");
            if (!open.IsEnded)
            {
                foreach (RecordingTap tap in open.End(now, reason)) _core.Remove(tap);
                _core.Wal.SyncSoon();
            }

            return open.WhenSealed;
        }).ConfigureAwait(false);
        return await whenSealed.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the threads: what is collected is written and synced, recordings stay open for the next start.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;   // its host stops it in order first, then disposes of it
        _ends = true;
        Wake();
        bool ended = _thread.Join(EndTimeout);
        _segments.Dispose();
        _sync.Dispose();
        if (!ended) return;                                    // a disk that hangs: the files stay as they are, the log is read at the next start
        _core.Dispose();
        _wake.Dispose();
        _lock.Dispose();
    }

    private void Run()
    {
        _ = ThreadSchedule.Apply(_options.Scheduling);
        while (!_ends)
        {
            Turn();
            _wake.WaitOne(TurnInterval);
        }

        _core.Flush(_clock.Now);
        MediaTime until = _clock.Now + TimeSpan.FromSeconds(5);
        while (!_core.Wal.IsDurable && _clock.Now < until)
        {
            Turn();
            _wake.WaitOne(TurnInterval);
        }
    }

    private void Turn()
    {
        try
        {
            _core.Turn(_clock.Now, _clock.Read);
        }
        catch (Exception e)
        {
            // Wrong code, not a wrong disk. The lease ends, so that nothing goes unrecorded; the next turn may go better.
            _core.OnFault(e);
        }
    }

    private void Wake()
    {
        if (!_ends) _wake.Set();
    }

    private OpenRecording Open(Guid recording) =>
        _core.Find(recording) is { IsEnded: false } open ? open : throw new KeyNotFoundException($"Recording {recording} is not open.");

    private async Task<T> Call<T>(Func<MediaTime, T> command)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool queued = _core.TryPost(now =>
        {
            try
            {
                completion.TrySetResult(command(now));
            }
            catch (Exception e)
            {
                completion.TrySetException(e);
            }
        });
        if (!queued) throw new RecorderBusyException();
        Wake();
        return await InTime(completion.Task).ConfigureAwait(false);
    }

    private async Task<T> InTime<T>(Task<T> task)
    {
        try
        {
            return await task.WaitAsync(_options.CallTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new RecorderBusyException($"The recorder did not answer within {_options.CallTimeout}.", e);
        }
    }

    private static FileStream Lock(string folder, IJournalFiles files)
    {
        FileFailure failure = files.MakeFolder(folder);
        if (failure.IsFailure) throw new RecorderStartException(folder, failure);
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecorderStartException($"The recorder's log in {folder} cannot be locked ({e.Message}). Is another server running on it?", e);
        }
    }

    /// <summary>Before anything is opened with them.</summary>
    private static void StoreKeys(WalScan scan, IKeyVault vault)
    {
        if (scan.Keys.Count > 0) vault.Store([.. scan.Keys.Select(pair => pair.Key)]);
    }

    private static void FindLastRecords(WalScan scan, IJournalFiles files, IKeyVault vault, IKeyEncryptionKey kek)
    {
        using var keys = new KeyRing(vault, kek);
        foreach (RecoveredRecording recording in scan.Recordings) LastRecord.Find(recording, files, keys);
    }
}
