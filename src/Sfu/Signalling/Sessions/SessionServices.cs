using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>What sessions need of the rest of the process.</summary>
/// <param name="Rooms">The rooms.</param>
/// <param name="Hub">Their events on this node.</param>
/// <param name="Media">Opens media sessions.</param>
/// <param name="Registry">The sessions of this node.</param>
/// <param name="IceServers">What clients are told.</param>
/// <param name="JoinTimes">Takes how long joins took.</param>
/// <param name="Metrics">Counts what limits refuse.</param>
/// <param name="Node">This process.</param>
/// <param name="Recordings">The owners of recordings.</param>
/// <param name="Recorder">Takes data messages for the journal.</param>
/// <param name="OptionsSource">The limits and times.</param>
/// <param name="RoomOptionsSource">The limits of rooms.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log of sessions.</param>
/// <param name="Run">Starts the work of a mailbox: <see cref="Mailbox.OnThreadPool"/>, or in tests the caller itself.</param>
internal sealed record SessionServices(
    RoomLookup Rooms, IRoomEventHub Hub, IMediaSessions Media, SessionRegistry Registry, IceServerSource IceServers, JoinMetrics JoinTimes,
    RoomMetrics Metrics, ILocalNode Node, IRoomRecordings Recordings, IRecordingNode Recorder, IOptions<SignallingOptions> OptionsSource, IOptions<RoomOptions> RoomOptionsSource, TimeProvider Time, ILogger<Session> Logger, Action<IThreadPoolWorkItem> Run)
{
    /// <summary>The limits and times.</summary>
    public SignallingOptions Options => OptionsSource.Value;

    /// <summary>Most tracks of a participant.</summary>
    public int MaxTracks => RoomOptionsSource.Value.MaxTracks;

    /// <summary>Time since an arbitrary start; never jumps.</summary>
    public TimeSpan Monotonic(long timestamp) => Time.GetElapsedTime(0, timestamp);
}
