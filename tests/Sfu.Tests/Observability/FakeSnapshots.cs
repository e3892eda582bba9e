using Sfu.Media;
using Sfu.Media.Native;
using Sfu.Observability;
using Sfu.Router.Overload;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Observability;

/// <summary>Worker reports that a test posts.</summary>
internal sealed class FakeSnapshots : IWorkerSnapshots
{
    public IReadOnlyList<int> Expected { get; set; } = [];

    public IReadOnlyList<WorkerSnapshot> Latest { get; set; } = [];

    public static WorkerSnapshot Make(int worker = 0, long packets = 0, long dropped = 0, double busy = 0.25, ThreadPolicy policy = ThreadPolicy.Fifo) => new()
    {
        Worker = worker,
        Rooms = 1,
        Transports = 2,
        Producers = [1, 2],
        Consumers = [3, 4],
        PacketsReceived = [packets, packets + 1],
        PacketsSent = [packets + 2, packets + 3],
        BytesReceived = [packets + 4, packets + 5],
        BytesSent = [packets + 6, packets + 7],
        Dropped = [.. Enumerable.Range(0, (int)DropReason.Count).Select(i => i == (int)DropReason.Replay ? dropped : 0)],
        NacksSent = 11,
        NacksReceived = 12,
        Retransmissions = 13,
        KeyFrameRequestsSent = 14,
        KeyFrameRequestsReceived = 15,
        BusyRatio = busy,
        MaxTurnLate = TimeSpan.FromMilliseconds(4),
        MailboxDepth = 5,
        StaleCommands = 16,
        ReceiveCalls = 17,
        SendCalls = 18,
        DatagramsReceived = 19,
        DatagramsSent = 20,
        MessagesReceived = 18,
        MessagesSent = 5,
        LongestTurn = TimeSpan.FromMilliseconds(3),
        Policy = policy,
        ForwardDelayCounts = [packets, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        ForwardDelaySeconds = [packets * 0.00005, 0, 0, 0, 0, 0, 0, 0, 0, 0.5],
        ShedStep = ShedStep.TopEncoding,
        ShedChanges = [.. Enumerable.Range(0, Enum.GetValues<ShedStep>().Length * Enum.GetValues<ShedCause>().Length).Select(i => (long)i)],
        RepairsShed = 21,
        RepairsPaced = 31,
        RepairsLate = 32,
        RepairsFull = 33,
        RepairsGone = 34,
    };
}
