using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>What the recorder tells the recordings' owners. Posts and returns at once; may be called on any thread, but not on one that must
/// never wait for a lock (a worker's).</summary>
public interface IRecordingNodeEvents
{
    /// <summary>A recording's health is another than before (<see cref="IRecordingNode.HealthOf"/>).</summary>
    void Changed(RoomKey room, Guid recording, NodeRecordingHealth health);

    /// <summary>The recorder as a whole cannot record, or can again (null): metrics and readiness.</summary>
    void RecorderChanged(RecordingCause? unavailable);
}
