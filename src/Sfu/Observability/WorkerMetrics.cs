using System.Globalization;
using Prometheus;
using Sfu.Media;
using Sfu.Media.Native;
using Sfu.Media.Rtp;
using Sfu.Router.Overload;
using Sfu.Router.Workers.Events;

namespace Sfu.Observability;

/// <summary>The families that media workers feed: filled from their newest snapshots before each scrape, off the packet path.</summary>
public sealed class WorkerMetrics
{
    private readonly IWorkerSnapshots? _snapshots;
    private readonly Gauge.Child[] _producers;
    private readonly Gauge.Child[] _consumers;
    private readonly Counter.Child[] _packetsIn;
    private readonly Counter.Child[] _packetsOut;
    private readonly Counter.Child[] _bytesIn;
    private readonly Counter.Child[] _bytesOut;
    private readonly Counter.Child[] _dropped;
    private readonly Direction _nacks;
    private readonly Direction _keyFrameRequests;
    private readonly Counter _retransmissions;
    private readonly Gauge _busy;
    private readonly Gauge _late;
    private readonly Gauge _mailbox;
    private readonly Gauge _longestTurn;
    private readonly Gauge _realTime;
    private readonly DelayHistogram _forwardDelay;
    private readonly Gauge _shedLevel;
    private readonly Counter _shedChanges;
    private readonly Counter _repairsShed;
    private readonly Counter _repairsPaced;
    private readonly Counter _repairsDropped;
    private readonly Direction _systemCalls;
    private readonly Direction _datagrams;
    private readonly Direction _messages;
    private readonly Counter _kernelDrops;
    private readonly Counter _segmentationRefusals;
    private readonly Gauge _segmentation;
    private readonly Gauge _tcpConnections;
    private readonly Counter _tcpRefused;
    private readonly Counter _staleCommands;
    private readonly Counter _eventsDropped;
    private readonly Counter.Child[] _pipedIn;
    private readonly Counter.Child[] _pipedOut;
    private readonly Counter _pipeLost;
    private readonly Gauge _transportsOf;
    private readonly Gauge _roomsOf;

    /// <summary>Declares the families; without workers they stay at zero.</summary>
    public WorkerMetrics(CollectorRegistry registry, IMetricFactory metrics, IWorkerSnapshots? snapshots = null)
    {
        _snapshots = snapshots;
        _producers = Kinds(metrics.CreateGauge("sfu_producers", "Tracks that participants send to this node, by kind.", ["kind"]));
        _consumers = Kinds(metrics.CreateGauge("sfu_consumers", "Tracks that this node sends to participants, by kind.", ["kind"]));
        Counter packets = metrics.CreateCounter("sfu_packets_total", "RTP packets, by direction and kind.", ["direction", "kind"]);
        Counter bytes = metrics.CreateCounter("sfu_bytes_total", "Bytes of RTP datagrams, by direction and kind.", ["direction", "kind"]);
        (_packetsIn, _packetsOut) = (Kinds(packets, "in"), Kinds(packets, "out"));
        (_bytesIn, _bytesOut) = (Kinds(bytes, "in"), Kinds(bytes, "out"));
        _dropped = Reasons(metrics.CreateCounter("sfu_packets_dropped_total", "Datagrams and packets that were not used, by reason.", ["reason"]));
        _nacks = new Direction(metrics.CreateCounter("sfu_nacks_total", "Packets asked for again: of clients (out), by clients (in).", ["direction"]));
        _keyFrameRequests = new Direction(metrics.CreateCounter("sfu_keyframe_requests_total", "Key frame requests: to producers (out), by viewers and joins (in).", ["direction"]));
        _retransmissions = metrics.CreateCounter("sfu_retransmissions_total", "Packets sent again.");
        _busy = metrics.CreateGauge("sfu_worker_busy_ratio", "Share of the last second in which the worker was not waiting.", ["worker"]);
        _late = metrics.CreateGauge("sfu_worker_turn_late_seconds", "Latest start of a due timer in the last second.", ["worker"]);
        _mailbox = metrics.CreateGauge("sfu_worker_mailbox_depth", "Commands waiting for the worker.", ["worker"]);
        _longestTurn = metrics.CreateGauge("sfu_worker_turn_max_seconds", "Longest turn of the last second, waiting not counted.", ["worker"]);
        _realTime = metrics.CreateGauge("sfu_worker_real_time", "1 while the worker's thread runs in real time (SCHED_FIFO).", ["worker"]);
        _forwardDelay = new DelayHistogram(metrics);
        _shedLevel = metrics.CreateGauge("sfu_worker_shed_level", "Step of shedding: 0 sends everything, 8 no video.", ["worker"]);
        _shedChanges = metrics.CreateCounter("sfu_worker_shed_changes_total", "Changes of the step of shedding, by the new step and the reason.", ["step", "reason"]);
        foreach (ShedStep step in Enum.GetValues<ShedStep>())
            foreach (ShedCause cause in Enum.GetValues<ShedCause>()) _ = ChangesTo(step, cause);
        _repairsShed = metrics.CreateCounter("sfu_retransmissions_shed_total", "Packets of video not sent again because the worker was late.");
        _repairsPaced = metrics.CreateCounter("sfu_retransmissions_paced_total", "Packets of video sent again that had to wait for room on the viewer's link.");
        _repairsDropped = metrics.CreateCounter(
            "sfu_retransmissions_dropped_total", "Packets of video that were to be sent again and were not: waited too long, too many waiting, gone or not allowed when their time came.", ["reason"]);
        foreach (string reason in new[] { "late", "full", "gone" }) _ = _repairsDropped.WithLabels(reason);
        _systemCalls = new Direction(metrics.CreateCounter("sfu_udp_calls_total", "System calls that received or sent datagrams.", ["direction"]));
        _datagrams = new Direction(metrics.CreateCounter("sfu_udp_datagrams_total", "UDP datagrams; divided by the calls it is the batch size.", ["direction"]));
        _messages = new Direction(metrics.CreateCounter("sfu_udp_messages_total", "UDP messages, each of one datagram or several; datagrams divided by it is how many left or came together.", ["direction"]));
        _kernelDrops = metrics.CreateCounter("sfu_udp_kernel_drops_total", "Datagrams the kernel dropped before they were read.");
        _segmentation = metrics.CreateGauge("sfu_udp_segmentation_workers", "Workers that send merged datagrams (UDP_SEGMENT).");
        _segmentationRefusals = metrics.CreateCounter("sfu_udp_segmentation_refusals_total", "Merged sends that the kernel refused.");
        _tcpConnections = metrics.CreateGauge("sfu_tcp_connections", "Open ICE-TCP connections.");
        _tcpRefused = metrics.CreateCounter("sfu_tcp_connections_refused_total", "ICE-TCP connections that were refused.");
        _staleCommands = metrics.CreateCounter("sfu_worker_stale_commands_total", "Commands for what was gone already.");
        _eventsDropped = metrics.CreateCounter("sfu_worker_events_dropped_total", "Worker events lost because nobody read them in time.");
        Counter piped = metrics.CreateCounter("sfu_pipe_packets_total", "RTP packets of rooms on several workers, written into pipes (out) and read from them (in).", ["direction", "kind"]);
        (_pipedIn, _pipedOut) = (Kinds(piped, "in"), Kinds(piped, "out"));
        _pipeLost = metrics.CreateCounter("sfu_pipe_lost_total", "RTP packets that a pipe to a late worker had no room for.");
        _transportsOf = metrics.CreateGauge("sfu_worker_transports", "Participants' transports of the worker.", ["worker"]);
        _roomsOf = metrics.CreateGauge("sfu_worker_rooms", "Rooms, or parts of rooms, on the worker.", ["worker"]);
        registry.AddBeforeCollectCallback(Update);
    }

    private void Update()
    {
        if (_snapshots?.Latest is not { Count: > 0 } workers) return;
        for (int kind = 0; kind < _producers.Length; kind++)
        {
            _producers[kind].Set(workers.Sum(w => w.Producers[kind]));
            _consumers[kind].Set(workers.Sum(w => w.Consumers[kind]));
            _packetsIn[kind].IncTo(workers.Sum(w => w.PacketsReceived[kind]));
            _packetsOut[kind].IncTo(workers.Sum(w => w.PacketsSent[kind]));
            _bytesIn[kind].IncTo(workers.Sum(w => w.BytesReceived[kind]));
            _bytesOut[kind].IncTo(workers.Sum(w => w.BytesSent[kind]));
            _pipedIn[kind].IncTo(workers.Sum(w => w.PipePacketsIn[kind]));
            _pipedOut[kind].IncTo(workers.Sum(w => w.PipePacketsOut[kind]));
        }

        for (int reason = 1; reason < _dropped.Length; reason++) _dropped[reason].IncTo(workers.Sum(w => w.Dropped[reason]));
        _nacks.Set(workers.Sum(w => w.NacksReceived), workers.Sum(w => w.NacksSent));
        _keyFrameRequests.Set(workers.Sum(w => w.KeyFrameRequestsReceived), workers.Sum(w => w.KeyFrameRequestsSent));
        _pipeLost.IncTo(workers.Sum(w => w.PipeLost));
        _retransmissions.IncTo(workers.Sum(w => w.Retransmissions));
        UpdateSockets(workers);
        UpdateShedding(workers);
        foreach (WorkerSnapshot worker in workers)
        {
            string label = worker.Worker.ToString(CultureInfo.InvariantCulture);
            _busy.WithLabels(label).Set(worker.BusyRatio);
            _late.WithLabels(label).Set(worker.MaxTurnLate.TotalSeconds);
            _mailbox.WithLabels(label).Set(worker.MailboxDepth);
            _longestTurn.WithLabels(label).Set(worker.LongestTurn.TotalSeconds);
            _realTime.WithLabels(label).Set(worker.Policy == ThreadPolicy.Fifo ? 1 : 0);
            _forwardDelay.Update(worker);
            _shedLevel.WithLabels(label).Set((int)worker.ShedStep);
            _transportsOf.WithLabels(label).Set(worker.Transports);
            _roomsOf.WithLabels(label).Set(worker.Rooms);
        }
    }

    private void UpdateShedding(IReadOnlyList<WorkerSnapshot> workers)
    {
        foreach (ShedStep step in Enum.GetValues<ShedStep>())
            foreach (ShedCause cause in Enum.GetValues<ShedCause>()) ChangesTo(step, cause).IncTo(workers.Sum(w => w.ShedChangesOf(step, cause)));
        _repairsShed.IncTo(workers.Sum(w => w.RepairsShed));
        _repairsPaced.IncTo(workers.Sum(w => w.RepairsPaced));
        _repairsDropped.WithLabels("late").IncTo(workers.Sum(w => w.RepairsLate));
        _repairsDropped.WithLabels("full").IncTo(workers.Sum(w => w.RepairsFull));
        _repairsDropped.WithLabels("gone").IncTo(workers.Sum(w => w.RepairsGone));
    }

    private Counter.Child ChangesTo(ShedStep step, ShedCause cause) => _shedChanges.WithLabels(LabelValues.Of(step), LabelValues.Of(cause));

    private void UpdateSockets(IReadOnlyList<WorkerSnapshot> workers)
    {
        _systemCalls.Set(workers.Sum(w => w.ReceiveCalls), workers.Sum(w => w.SendCalls));
        _datagrams.Set(workers.Sum(w => w.DatagramsReceived), workers.Sum(w => w.DatagramsSent));
        _messages.Set(workers.Sum(w => w.MessagesReceived), workers.Sum(w => w.MessagesSent));
        _kernelDrops.IncTo(workers.Sum(w => w.KernelReceiveDrops));
        _segmentation.Set(workers.Count(w => w.SegmentationActive));
        _segmentationRefusals.IncTo(workers.Sum(w => w.SegmentationRefusals));
        _tcpConnections.Set(workers.Sum(w => w.TcpConnections));
        _tcpRefused.IncTo(workers.Sum(w => w.TcpConnectionsRefused));
        _staleCommands.IncTo(workers.Sum(w => w.StaleCommands));
        _eventsDropped.IncTo(workers.Sum(w => w.EventsDropped));
    }

    private static Gauge.Child[] Kinds(Gauge family) => LabelValues.Children<MediaKind, Gauge.Child>(kind => family.WithLabels(kind));

    private static Counter.Child[] Kinds(Counter family, string direction) =>
        LabelValues.Children<MediaKind, Counter.Child>(kind => family.WithLabels(direction, kind));

    /// <summary>One child per reason; index 0 (<see cref="DropReason.None"/>) and <see cref="DropReason.Count"/> have no series.</summary>
    private static Counter.Child[] Reasons(Counter family)
    {
        var children = new Counter.Child[(int)DropReason.Count];
        for (int reason = 1; reason < children.Length; reason++) children[reason] = family.WithLabels(LabelValues.Of((DropReason)reason));
        return children;
    }

    /// <summary>A counter family with the label values <c>in</c> and <c>out</c>.</summary>
    private sealed class Direction(Counter family)
    {
        private readonly Counter.Child _in = family.WithLabels("in");
        private readonly Counter.Child _out = family.WithLabels("out");

        public void Set(long into, long outOf)
        {
            _in.IncTo(into);
            _out.IncTo(outOf);
        }
    }
}
