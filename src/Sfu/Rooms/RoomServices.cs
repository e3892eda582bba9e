using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Recordings;
using Sfu.Rooms.Decisions;
using Sfu.Rooms.Storage;

namespace Sfu.Rooms;

/// <summary>What every room of this process works with.</summary>
internal sealed record RoomServices(
    IRoomStore Store,
    IMediaNode Media,
    ILocalNode Node,
    ILiveNodes Nodes,
    IRoomIds Ids,
    RoomCensus Census,
    RoomMetrics Metrics,
    IOptions<RoomOptions> Options,
    IOptions<RecordingOptions> Recording,
    IRoomRecordings Recordings,
    IRecordingNode Recorder,
    TimeProvider Time,
    ILoggerFactory Loggers)
{
    private static readonly TimeSpan FaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>Every room fails at once when the store does.</summary>
    public LogLimiter StoreFaults { get; } = new(Time, FaultInterval);
}
