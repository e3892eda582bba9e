using Sfu.Media.Native;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <summary>Copies a worker's counters into a snapshot once a second, off the packet path.</summary>
internal sealed class SnapshotBuilder(
    int worker, WorkerCore core, UdpEndpoint udp, TcpEndpoint tcp, Mailbox mailbox, EventOutbox events, ShedCounts shed,
    ForwardDelays delays)
{
    private MediaTime _lastAt = MonotonicClock.Now;
    private TimeSpan _idle;
    private TimeSpan _timerLate;
    private TimeSpan _longestTurn;

    /// <summary>UDP messages received: datagrams, or several merged by the kernel.</summary>
    internal long MessagesReceived { get; set; }

    /// <summary>UDP datagrams received.</summary>
    internal long DatagramsReceived { get; set; }

    /// <summary>How the kernel lets the worker's thread run now.</summary>
    internal ThreadPolicy Policy { get; set; }

    /// <summary>Takes what a turn measured.</summary>
    internal void OnTurn(in TurnMeasure turn)
    {
        _idle += turn.Idle;
        if (turn.TimerLate > _timerLate) _timerLate = turn.TimerLate;
    }

    /// <summary>A turn has ended, which took so long, without waiting.</summary>
    internal void OnTurnEnded(TimeSpan length)
    {
        if (length > _longestTurn) _longestTurn = length;
    }

    /// <summary>Takes a snapshot and begins the next second.</summary>
    internal WorkerSnapshot Build(MediaTime now)
    {
        double elapsed = Math.Max((now - _lastAt).TotalSeconds, 1e-6);
        RouterCounters counters = core.Counters;
        SendSlab sent = udp.Outgoing;
        (long[] delayCounts, double[] delaySeconds) = delays.Copy();
        var snapshot = new WorkerSnapshot
        {
            Worker = worker,
            Rooms = core.Rooms.Count,
            Transports = core.TransportCount,
            Producers = [.. counters.Producers],
            Consumers = [.. counters.Consumers],
            PacketsReceived = [.. counters.PacketsReceived],
            PacketsSent = [.. counters.PacketsSent],
            BytesReceived = [.. counters.BytesReceived],
            BytesSent = [.. counters.BytesSent],
            Dropped = Dropped(counters, sent),
            NacksSent = counters.NacksSent,
            NacksReceived = counters.NacksReceived,
            Retransmissions = counters.Retransmissions,
            PipePacketsIn = [.. counters.PipePacketsIn],
            PipePacketsOut = [.. counters.PipePacketsOut],
            PipeLost = counters.PipeLost,
            KeyFrameRequestsSent = counters.KeyFrameRequestsSent,
            KeyFrameRequestsReceived = counters.KeyFrameRequestsReceived,
            BusyRatio = Math.Clamp(1 - _idle.TotalSeconds / elapsed, 0, 1),
            MaxTurnLate = _timerLate,
            LongestTurn = _longestTurn,
            Policy = Policy,
            ForwardDelayCounts = delayCounts,
            ForwardDelaySeconds = delaySeconds,
            MailboxDepth = mailbox.Count,
            StaleCommands = core.StaleCommands,
            ReceiveCalls = udp.ReceiveCalls,
            SendCalls = sent.Calls,
            DatagramsReceived = DatagramsReceived,
            DatagramsSent = sent.Datagrams,
            MessagesReceived = MessagesReceived,
            MessagesSent = sent.Messages,
            KernelReceiveDrops = udp.KernelDrops,
            SegmentationActive = sent.Segmentation.IsEnabled,
            SegmentationRefusals = sent.Segmentation.Refusals,
            TcpConnections = tcp.Count,
            TcpConnectionsRefused = tcp.Refused,
            EventsDropped = events.Dropped,
            ShedStep = core.Shedding.Step,
            ShedChanges = shed.ToArray(),
            RepairsShed = core.Shedding.RepairsShed,
            RepairsPaced = counters.RepairsPaced,
            RepairsLate = counters.RepairsLate,
            RepairsFull = counters.RepairsFull,
            RepairsGone = counters.RepairsGone,
        };
        _lastAt = now;
        _idle = _timerLate = _longestTurn = TimeSpan.Zero;
        return snapshot;
    }

    private long[] Dropped(RouterCounters counters, SendSlab sent)
    {
        long[] dropped = [.. counters.Dropped];
        dropped[(int)Media.DropReason.SendFailed] += sent.Failed;
        dropped[(int)Media.DropReason.SendQueueFull] += sent.Dropped + tcp.DroppedFrames;
        return dropped;
    }
}
