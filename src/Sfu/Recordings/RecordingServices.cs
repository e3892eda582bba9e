using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Recordings.Storage;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings;

/// <summary>What every owner of recordings of this process works with.</summary>
internal sealed record RecordingServices(
    IRecordingStore Store,
    IRoomStore RoomLog,
    IRecordedRooms Rooms,
    IRecordingNode Recorder,
    ILocalNode Node,
    RecordingMetrics Metrics,
    TimeProvider Time,
    ILoggerFactory Loggers);
