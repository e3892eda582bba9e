using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Workers;
using Sfu.Recorder;
using Sfu.Recorder.Capture;

namespace Sfu.Tests.Nodes.Recording;

/// <summary>A recorder that answers when the test says so, on the test's thread, and whose clock is the test's.</summary>
internal sealed class FakeTrackRecorder : ITrackRecorder
{
    private readonly CaptureRing _ring = new(1 << 16);
    private readonly List<Action> _answers = [];
    private uint _tracks;
    private int _closed;

    public MediaTime Now { get; set; } = MediaTime.FromSeconds(10);

    public RecorderLease Lease { get; } = new();

    public bool IsStarted => true;

    /// <summary>Answers that are owed.</summary>
    public int Waiting => _answers.Count;

    /// <summary>Taps made and not closed; closing comes from other threads.</summary>
    public int Open => (int)_tracks - Volatile.Read(ref _closed);

    /// <summary>Answers one of the questions.</summary>
    public void Answer(int which)
    {
        Action answer = _answers[which % _answers.Count];
        _answers.Remove(answer);
        answer();
    }

    public Task<RecordingTap> AddAsync(Guid recording, TrackInfo track, WorkerPort port, TapGate gate)
    {
        var tap = new RecordingTap(_ring, (int)++_tracks, recording, _tracks, gate, track.Formats);
        return Owe(tap);
    }

    public Task UpdateAsync(Guid recording, TrackInfo track) => Owe(true);

    public Task CloseAsync(RecordingTap tap)
    {
        Interlocked.Increment(ref _closed);
        return Task.CompletedTask;
    }

    public bool TryWriteEvent(Guid recording, byte[] json) => true;

    /// <summary>Whether a packet was copied since the last call.</summary>
    public bool TakeCopied()
    {
        bool isCopied = false;
        while (_ring.TryPeek(_ring.Written, out RingEntry entry, out _))
        {
            isCopied |= entry.Kind == RingEntryKind.Rtp;
            _ring.Advance(entry);
        }

        return isCopied;
    }

    private Task<T> Owe<T>(T answer)
    {
        var task = new TaskCompletionSource<T>();
        _answers.Add(() => task.SetResult(answer));
        return task.Task;
    }
}
