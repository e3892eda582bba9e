using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Media.Time;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Sessions;
using Sfu.Nodes.Workers;
using Sfu.Router.Workers;

namespace Sfu.Nodes;

/// <summary>What all rooms and sessions of this node share.</summary>
internal sealed class NodeServices(
    WorkerFleet fleet, IRoomTracks tracks, NodeMetrics metrics, IOptions<MediaOptions> media, TimeProvider time, ILogger<MediaNode> logger,
    TapDirectory? taps = null)
{
    /// <summary>The workers.</summary>
    internal WorkerFleet Fleet { get; } = fleet;

    /// <summary>The rooms' owners.</summary>
    internal IRoomTracks Tracks { get; } = tracks;

    /// <summary>Counters.</summary>
    internal NodeMetrics Metrics { get; } = metrics;

    /// <summary>What is recorded here; null in a process without a recorder.</summary>
    internal TapDirectory? Taps { get; } = taps;

    /// <summary>The clock of timers and time-outs.</summary>
    internal TimeProvider Time { get; } = time;

    /// <summary>The log of rooms and sessions.</summary>
    internal ILogger Logger { get; } = logger;

    /// <summary>New numbers.</summary>
    internal NodeIds Ids { get; } = new();

    /// <summary>Pipes between the workers.</summary>
    internal PipeDesk Pipes { get; } = new();

    /// <summary>What we negotiate.</summary>
    internal ServerCapabilities Capabilities { get; init; } = ServerCapabilities.Default;

    /// <summary>Most we take of one video track, written into answers.</summary>
    internal Bitrate MaxTrackBitrate { get; } = Bitrate.FromKilobits(media.Value.MaxTrackKbps);

    /// <summary>Load of a room's workers from which on who joins is placed on another worker; 0 = every room on all workers, 1 = never.</summary>
    internal double SpanLoad { get; } = media.Value.SpanLoad;

    /// <summary>Rooms by their number on a worker: how an event finds its room.</summary>
    internal ConcurrentDictionary<RoomId, MediaRoom> RoomsById { get; } = new();

    /// <summary>Live consumers, for events that name no room.</summary>
    internal ConcurrentDictionary<ConsumerId, SentTrack> Consumers { get; } = new();
}
