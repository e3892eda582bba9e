using System.Collections.Concurrent;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Recordings;

/// <summary>Stores keys in the vault and writes and signs segments, away from the recorder's thread.</summary>
/// <remarks>Work comes from the recorder's thread and its results go back there: <see cref="Results"/>. Keys that the vault does not take
/// are tried again; while there are some, no segment is signed.</remarks>
internal sealed class SegmentThread : ISegmentQueue, IDisposable
{
    private const int MaxJobs = 1024;
    private const int MaxOpened = 65_536;
    private const int MaxKeys = 65_536;
    private static readonly TimeSpan VaultRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly BlockingCollection<(OpenRecording Recording, SegmentJob Job)> _jobs = new(MaxJobs);
    private readonly ConcurrentQueue<RecordingInfo> _opened = [];
    private readonly ConcurrentQueue<(WrappedKey Key, WalFile File)> _keys = [];
    private readonly List<(WrappedKey Key, WalFile File)> _storing = [];
    private readonly SegmentWriter _writer;
    private readonly IKeyVault _vault;
    private readonly ISegmentSink _sink;
    private readonly Action _done;
    private readonly string _node;
    private readonly CancellationTokenSource _ends = new();
    private readonly AutoResetEvent _wake = new(false);
    private Thread? _thread;

    /// <summary>Makes the queue; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="vault">Wrapped keys.</param>
    /// <param name="kek">Unwraps them.</param>
    /// <param name="sink">Signs.</param>
    /// <param name="node">The node.</param>
    /// <param name="done">Called on this thread after each piece of work.</param>
    internal SegmentThread(IJournalFiles files, IKeyVault vault, IKeyEncryptionKey kek, ISegmentSink sink, string node, Action done)
    {
        _writer = new SegmentWriter(files, vault, kek);
        (_vault, _sink, _done, _node) = (vault, sink, done, node);
    }

    /// <summary>What came of the work, for the recorder's thread: a recording's segment, or a file of the log whose key is in the vault.</summary>
    internal ConcurrentQueue<(OpenRecording? Recording, WalFile? File, SegmentResult Result)> Results { get; } = [];

    /// <summary>Starts the thread.</summary>
    internal void Start()
    {
        _thread = new Thread(Run) { Name = "recorder-segments", IsBackground = true };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Opened(RecordingInfo recording)
    {
        // Beyond the bound its first segment lays the folder out.
        if (_opened.Count < MaxOpened) _opened.Enqueue(recording);
        _wake.Set();
    }

    /// <inheritdoc/>
    public bool TryAdd(OpenRecording recording, SegmentJob job)
    {
        bool added = _jobs.TryAdd((recording, job));
        _wake.Set();
        return added;
    }

    /// <inheritdoc/>
    public void Store(WrappedKey key, WalFile file)
    {
        // Beyond the bound the log keeps it: its file is not deleted, and the next start stores the key.
        if (_keys.Count < MaxKeys) _keys.Enqueue((key, file));
        _wake.Set();
    }

    /// <summary>Does what is queued, on the calling thread. For tests, instead of <see cref="Start"/>.</summary>
    internal void RunQueued()
    {
        OpenFolders();
        if (!StoreKeys()) return;
        while (_jobs.TryTake(out (OpenRecording Recording, SegmentJob Job) work)) Do(work.Recording, work.Job);
    }

    /// <summary>Ends the thread after the work that it is at.</summary>
    public void Dispose()
    {
        _ends.Cancel();
        _wake.Set();
        if (_thread?.Join(EndTimeout) == false) return;        // a disk that hangs keeps it; the process can end all the same
        _jobs.Dispose();
        _ends.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_ends.IsCancellationRequested)
        {
            _wake.WaitOne(VaultRetry);
            OpenFolders();
            while (!_ends.IsCancellationRequested && StoreKeys() && _jobs.TryTake(out (OpenRecording Recording, SegmentJob Job) work))
                Do(work.Recording, work.Job);
        }
    }

    private void OpenFolders()
    {
        while (_opened.TryDequeue(out RecordingInfo? recording))
        {
            try
            {
                _sink.Open(recording, _node);
            }
            catch (Exception e)
            {
                Report(null, null, new SegmentResult(SegmentStep.Sign, Message: e.Message));      // the first segment does it then
            }
        }
    }

    private bool StoreKeys()
    {
        while (_keys.TryDequeue(out (WrappedKey Key, WalFile File) next)) _storing.Add(next);
        if (_storing.Count == 0) return true;
        try
        {
            _vault.Store([.. _storing.Select(pair => pair.Key)]);
        }
        catch (Exception e)
        {
            // Whatever the vault says, the keys are still in the log and the segments wait.
            Report(null, null, new SegmentResult(SegmentStep.Vault, Message: e.Message));
            return false;
        }

        foreach ((WrappedKey _, WalFile file) in _storing) Report(null, file, SegmentResult.Done);
        _storing.Clear();
        return true;
    }

    private void Do(OpenRecording recording, SegmentJob job)
    {
        SegmentResult result = _writer.Write(job, out ClosedSegment? segment);
        if (result.Step == SegmentStep.Done) result = Sign(recording, job, segment!);
        Report(recording, null, result);
    }

    private SegmentResult Sign(OpenRecording recording, SegmentJob job, ClosedSegment segment)
    {
        try
        {
            _sink.Accept(segment);
            ChunkRef last = job.Chunks[^1];
            if ((last.Marks & ChunkMarks.Last) != 0)
            {
                string reason = "stopped";
                foreach (SegmentNote note in segment.Notes)
                    if (note.Track == 0 && note.Type == RecordType.Event && JournalText.ReadStopped(note.Payload) is { } said) reason = said;
                var facts = new ClosedRecording(
                    job.Info, job.Node, reason, segment.Facts.ToWallMicroseconds, last.Chunk + 1, last.Hash, job.No, job.Tracks, job.Interruptions);
                _sink.Seal(facts);
                recording.Facts = facts;
            }

            return SegmentResult.Done;
        }
        catch (Exception e)
        {
            return new SegmentResult(SegmentStep.Sign, Message: e.Message);   // the log keeps the chunks; it is tried again
        }
    }

    private void Report(OpenRecording? recording, WalFile? file, SegmentResult result)
    {
        Results.Enqueue((recording, file, result));
        _done();
    }
}
