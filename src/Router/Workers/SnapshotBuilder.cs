using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <summary>Copies a worker's counters into a snapshot once a second, off the packet path.</summary>
internal sealed class SnapshotBuilder(int worker, WorkerCore core, UdpEndpoint udp, TcpEndpoint tcp, Mailbox mailbox, EventOutbox events)
{
    private MediaTime _lastAt = MonotonicClock.Now;

    /// <summary>Time spent waiting since the last snapshot.</summary>
    internal TimeSpan Idle { get; set; }

    /// <summary>UDP datagrams received.</summary>
    internal long DatagramsReceived { get; set; }

    /// <summary>Takes a snapshot and begins the next second.</summary>
    internal WorkerSnapshot Build(MediaTime now)
    {
        double elapsed = Math.Max((now - _lastAt).TotalSeconds, 1e-6);
        RouterCounters counters = core.Counters;
        SendSlab sent = udp.Outgoing;
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
            KeyFrameRequestsSent = counters.KeyFrameRequestsSent,
            KeyFrameRequestsReceived = counters.KeyFrameRequestsReceived,
            BusyRatio = Math.Clamp(1 - Idle.TotalSeconds / elapsed, 0, 1),
            MaxTurnLate = core.LatestDeadline,
            MailboxDepth = mailbox.Count,
            StaleCommands = core.StaleCommands,
            ReceiveCalls = udp.ReceiveCalls,
            SendCalls = sent.Calls,
            DatagramsReceived = DatagramsReceived,
            DatagramsSent = sent.Datagrams,
            KernelReceiveDrops = udp.Incoming.KernelDrops,
            SegmentationActive = sent.Segmentation.IsEnabled,
            SegmentationRefusals = sent.Segmentation.Refusals,
            TcpConnections = tcp.Count,
            TcpConnectionsRefused = tcp.Refused,
            EventsDropped = events.Dropped,
        };
        _lastAt = now;
        Idle = TimeSpan.Zero;
        core.LatestDeadline = TimeSpan.Zero;
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
