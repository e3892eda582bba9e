using Prometheus;
using Sfu.Media.Ice;
using Sfu.Media.Native;
using Sfu.Observability;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>What the control side of the media plane counts; the workers' own counters come from their snapshots.</summary>
internal sealed class NodeMetrics
{
    private static readonly double[] Seconds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    private readonly Gauge.Child[] _transports;
    private readonly Histogram.Child[] _ice;
    private readonly Histogram.Child[] _dtls;
    private readonly Counter.Child[] _closed;
    private readonly Counter.Child _delayed;
    private readonly Counter.Child _lost;
    private readonly Counter.Child _epoch;
    private readonly Counter.Child _unknown;
    private readonly Counter.Child _unplayable;
    private readonly Counter _offers;
    private readonly Gauge _spanning;
    private readonly Gauge _scheduling;

    /// <summary>Declares the families.</summary>
    public NodeMetrics(IMetricFactory metrics)
    {
        string[] protocols = ["udp", "tcp"];
        _transports = Children(metrics.CreateGauge("sfu_transports", "Connected client transports, by the protocol they first connected with.", ["protocol"]), protocols);
        _ice = Children(metrics.CreateHistogram(
            "sfu_ice_seconds", "From the opening of a transport to its first valid check.", ["protocol"], new HistogramConfiguration { Buckets = Seconds }), protocols);
        _dtls = Children(metrics.CreateHistogram(
            "sfu_dtls_seconds", "From the first ClientHello of a transport to its keys.", ["protocol"], new HistogramConfiguration { Buckets = Seconds }), protocols);
        _closed = Children(
            metrics.CreateCounter("sfu_transports_closed_total", "Transports that ended, by reason.", ["reason"]),
            [.. Enum.GetValues<TransportCloseReason>().Select(WireNames.Of)]);
        Counter commands = metrics.CreateCounter(
            "sfu_worker_commands_refused_total", "Commands a worker's mailbox had no room for: delayed until it had, or lost with their room.", ["outcome"]);
        _delayed = commands.WithLabels("delayed");
        _lost = commands.WithLabels("lost");
        _epoch = metrics.CreateCounter("sfu_epoch_refusals_total", "Commands and writes refused because another activation owns the room.", ["where"]).WithLabels("node");
        _unknown = metrics.CreateCounter("sfu_node_stale_commands_total", "Commands of rooms for participants or tracks that are gone here.").WithLabels();
        _unplayable = metrics.CreateCounter(
            "sfu_player_tracks_refused_total", "Tracks that came after a player was answered and that it cannot be sent, by reason.", ["reason"]).WithLabels("no_common_codec");
        _spanning = metrics.CreateGauge("sfu_rooms_spanning", "Rooms that lie on more than one worker.");
        _scheduling = metrics.CreateGauge("sfu_worker_scheduling_info", "1; the label says how the kernel lets media workers run beside other threads.", ["policy"]);
        _offers = metrics.CreateCounter("sfu_offers_total", "Offers, by outcome: answered or the error code.", ["outcome"]);
        _ = _offers.WithLabels("answered"); // the family is there from the first scrape on
    }

    /// <summary>A transport has keys.</summary>
    internal void Connected(TransportConnected connected)
    {
        int protocol = (int)connected.Protocol;
        _transports[protocol].Inc();
        _ice[protocol].Observe(connected.IceElapsed.TotalSeconds);
        _dtls[protocol].Observe(connected.DtlsElapsed.TotalSeconds);
    }

    /// <summary>A transport that was connected is gone.</summary>
    internal void Disconnected(TransportProtocol protocol) => _transports[(int)protocol].Dec();

    /// <summary>A worker closed a transport.</summary>
    internal void Closed(TransportCloseReason reason) => _closed[(int)reason].Inc();

    /// <summary>A room begins (1) or ends (-1) to lie on more than one worker.</summary>
    internal void RoomSpans(int change) => _spanning.Inc(change);

    /// <summary>The workers run, so.</summary>
    internal void Scheduled(ThreadPolicy policy) => _scheduling.WithLabels(LabelValues.Of(policy)).Set(1);

    /// <summary>A command waits for room in the mailbox.</summary>
    internal void CommandDelayed() => _delayed.Inc();

    /// <summary>A command was given up.</summary>
    internal void CommandLost() => _lost.Inc();

    /// <summary>Commands were given up.</summary>
    internal void CommandsLost(int count) => _lost.Inc(count);

    /// <summary>A room command came with an old epoch.</summary>
    internal void EpochRefused() => _epoch.Inc();

    /// <summary>A room command was about somebody or something that is not here.</summary>
    internal void Stale() => _unknown.Inc();

    /// <summary>A player cannot decode a track that came after its answer.</summary>
    internal void Unplayable() => _unplayable.Inc();

    /// <summary>An offer was answered (null) or refused.</summary>
    internal void Offer(MediaError? error) => _offers.WithLabels(error?.Code ?? "answered").Inc();

    private static TChild[] Children<TChild>(Collector<TChild> family, string[] labels)
        where TChild : ChildBase =>
        [.. labels.Select(label => family.WithLabels(label))];
}
