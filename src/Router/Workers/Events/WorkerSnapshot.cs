using Sfu.Media;
using Sfu.Media.Native;
using Sfu.Router.Overload;

namespace Sfu.Router.Workers.Events;

/// <summary>Once a second per worker: its counters since start, for metrics. An immutable copy.</summary>
public sealed class WorkerSnapshot
{
    /// <summary>Index of the worker on its node, from 0.</summary>
    public required int Worker { get; init; }

    /// <summary>Rooms, transports, producers and consumers that live now.</summary>
    public required int Rooms { get; init; }

    /// <inheritdoc cref="Rooms"/>
    public required int Transports { get; init; }

    /// <summary>Live producers: audio, video (by <see cref="Sfu.Media.Rtp.MediaKind"/>).</summary>
    public required IReadOnlyList<int> Producers { get; init; }

    /// <summary>Live consumers: audio, video.</summary>
    public required IReadOnlyList<int> Consumers { get; init; }

    /// <summary>RTP packets received from clients: audio, video.</summary>
    public required IReadOnlyList<long> PacketsReceived { get; init; }

    /// <summary>RTP packets sent to clients: audio, video.</summary>
    public required IReadOnlyList<long> PacketsSent { get; init; }

    /// <summary>RTP bytes received (datagram payload): audio, video.</summary>
    public required IReadOnlyList<long> BytesReceived { get; init; }

    /// <summary>RTP bytes sent: audio, video.</summary>
    public required IReadOnlyList<long> BytesSent { get; init; }

    /// <summary>Drops, indexed by <see cref="DropReason"/>.</summary>
    public required IReadOnlyList<long> Dropped { get; init; }

    /// <summary>NACKed packets: asked of clients, asked by clients.</summary>
    public required long NacksSent { get; init; }

    /// <inheritdoc cref="NacksSent"/>
    public required long NacksReceived { get; init; }

    /// <summary>Packets sent again on a NACK.</summary>
    public required long Retransmissions { get; init; }

    /// <summary>RTP packets read from pipes of other workers: audio, video.</summary>
    public IReadOnlyList<long> PipePacketsIn { get; init; } = [0, 0];

    /// <summary>RTP packets written into pipes to other workers: audio, video.</summary>
    public IReadOnlyList<long> PipePacketsOut { get; init; } = [0, 0];

    /// <summary>RTP packets that a pipe had no room for.</summary>
    public long PipeLost { get; init; }

    /// <summary>Key frame requests sent to producers.</summary>
    public required long KeyFrameRequestsSent { get; init; }

    /// <summary>Key frame requests that viewers sent or that joins caused.</summary>
    public required long KeyFrameRequestsReceived { get; init; }

    /// <summary>Share of the last second in which the worker was not waiting, 0 to 1.</summary>
    public required double BusyRatio { get; init; }

    /// <summary>Latest start of a due timer in the last second.</summary>
    public required TimeSpan MaxTurnLate { get; init; }

    /// <summary>Longest turn of the last second, without waiting.</summary>
    public TimeSpan LongestTurn { get; init; }

    /// <summary>How the kernel lets its thread run now.</summary>
    public ThreadPolicy Policy { get; init; }

    /// <summary>Datagrams sent since the start, by how long they were on their way at most: a number for each of
    /// <see cref="ForwardDelayBounds"/> and one for more.</summary>
    public IReadOnlyList<long> ForwardDelayCounts { get; init; } = [];

    /// <summary>The sum of those times in seconds, for each number.</summary>
    public IReadOnlyList<double> ForwardDelaySeconds { get; init; } = [];

    /// <summary>Upper bounds in seconds, rising.</summary>
    public static IReadOnlyList<double> ForwardDelayBounds => ForwardDelays.Bounds;

    /// <summary>Commands waiting in the mailbox.</summary>
    public required int MailboxDepth { get; init; }

    /// <summary>Commands for ids that were already gone.</summary>
    public required long StaleCommands { get; init; }

    /// <summary>UDP only. System calls that received, sent; datagrams in, out: batching is their ratio.</summary>
    public required long ReceiveCalls { get; init; }

    /// <inheritdoc cref="ReceiveCalls"/>
    public required long SendCalls { get; init; }

    /// <inheritdoc cref="ReceiveCalls"/>
    public required long DatagramsReceived { get; init; }

    /// <inheritdoc cref="ReceiveCalls"/>
    public required long DatagramsSent { get; init; }

    /// <summary>UDP messages in and out, each of one or several datagrams.</summary>
    public long MessagesReceived { get; init; }

    /// <inheritdoc cref="MessagesReceived"/>
    public long MessagesSent { get; init; }

    /// <summary>Datagrams the kernel had no room for before we read them (SO_RXQ_OVFL).</summary>
    public long KernelReceiveDrops { get; init; }

    /// <summary>Merged sends in use now; and how many the kernel refused since the start.</summary>
    public bool SegmentationActive { get; init; }

    /// <inheritdoc cref="SegmentationActive"/>
    public long SegmentationRefusals { get; init; }

    /// <summary>Live ICE-TCP connections; and how many were refused (limits, not STUN, unknown user name fragment).</summary>
    public int TcpConnections { get; init; }

    /// <inheritdoc cref="TcpConnections"/>
    public long TcpConnectionsRefused { get; init; }

    /// <summary>Events lost because the control plane did not read them.</summary>
    public long EventsDropped { get; init; }

    /// <summary>What the worker sheds now.</summary>
    public ShedStep ShedStep { get; init; }

    /// <summary>How often it went to each step, and why: <see cref="ShedChangesOf"/>.</summary>
    public IReadOnlyList<long> ShedChanges { get; init; } = [];

    /// <summary>Packets of video that were not sent again because the worker shed.</summary>
    public long RepairsShed { get; init; }

    /// <summary>Packets of video that were sent again later than in the turn in which they were asked for.</summary>
    public long RepairsPaced { get; init; }

    /// <summary>Packets of video that were to be sent again and were not: waited too long, too many waiting, gone or not allowed when they could have left.</summary>
    public long RepairsLate { get; init; }

    /// <inheritdoc cref="RepairsLate"/>
    public long RepairsFull { get; init; }

    /// <inheritdoc cref="RepairsLate"/>
    public long RepairsGone { get; init; }

    /// <summary>How often the worker went to a step for a cause.</summary>
    public long ShedChangesOf(ShedStep step, ShedCause cause) => ShedChanges.Count == 0 ? 0 : ShedChanges[ShedCounts.IndexOf(step, cause)];
}
