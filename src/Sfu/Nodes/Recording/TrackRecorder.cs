using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Nodes.Workers;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;

namespace Sfu.Nodes.Recording;

/// <summary>The recorder of this process for the taps of rooms.</summary>
internal sealed class TrackRecorder(RecorderService recorder) : ITrackRecorder
{
    /// <inheritdoc/>
    public MediaTime Now => recorder.Now;

    /// <inheritdoc/>
    public RecorderLease Lease => recorder.Lease;

    /// <inheritdoc/>
    public bool IsStarted => recorder.Node is not null;

    private RecorderNode Node => recorder.Node ?? throw new InvalidOperationException("The recorder was not started.");

    /// <inheritdoc/>
    public Task<RecordingTap> AddAsync(Guid recording, TrackInfo track, WorkerPort port, TapGate gate) =>
        Node.AddTrackAsync(recording, track, recorder.RingOf(Node, port), gate);

    /// <inheritdoc/>
    public Task UpdateAsync(Guid recording, TrackInfo track) => Node.UpdateTrackAsync(recording, track);

    /// <inheritdoc/>
    public Task CloseAsync(RecordingTap tap) => Node.CloseTrackAsync(tap);

    /// <inheritdoc/>
    public bool TryWriteEvent(Guid recording, byte[] json) => Node.TryWrite(recording, RecordType.Event, json);
}
