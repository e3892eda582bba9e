using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Nodes.Workers;
using Sfu.Recorder;
using Sfu.Recorder.Capture;

namespace Sfu.Nodes.Recording;

/// <summary>What the taps of a room need of the recorder.</summary>
/// <remarks>Safe on any thread. Tasks end with <see cref="KeyNotFoundException"/> when the recording is not open, and with
/// <see cref="RecorderBusyException"/> when too much waits.</remarks>
internal interface ITrackRecorder
{
    /// <summary>The clock that packets are stamped with.</summary>
    MediaTime Now { get; }

    /// <summary>The lease of tracks that must be recorded; expired while there is no recorder.</summary>
    RecorderLease Lease { get; }

    /// <summary>The recorder was started; the methods below are for then only.</summary>
    bool IsStarted { get; }

    /// <summary>Makes the tap of a track.</summary>
    /// <param name="recording">The recording, open.</param>
    /// <param name="track">The track; it is numbered by the recorder.</param>
    /// <param name="port">The worker on which the tap will be called.</param>
    /// <param name="gate">Whether it copies.</param>
    Task<RecordingTap> AddAsync(Guid recording, TrackInfo track, WorkerPort port, TapGate gate);

    /// <summary>Says what is known of a track now.</summary>
    Task UpdateAsync(Guid recording, TrackInfo track);

    /// <summary>A tap is called no more.</summary>
    Task CloseAsync(RecordingTap tap);

    /// <summary>Writes an event into a recording; false when it found no room.</summary>
    bool TryWriteEvent(Guid recording, byte[] json);
}
