using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Pipes;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Pipes;

/// <summary>One worker of a <see cref="PipedCall"/> with its clients and its mailbox.</summary>
internal sealed class PipedWorker : IPipeHost, IWorkerEventSink, IDisposable
{
    private static readonly IngressLimits NoLimit = new(default, default);
    private readonly Queue<WorkerCommand> _mail = new();
    private readonly PipedCall _call;
    private bool _isDisposed;

    public PipedWorker(PipedCall call, DtlsContext context, RoomId room, int firstId, int clients)
    {
        _call = call;
        Room = room;
        var timeouts = new TransportTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        Core = new WorkerCore(
            new WorkerCoreOptions(timeouts, 8, (ulong)firstId, Ingress: NoLimit), context, Sink, this,
            () => new WallClockAnchor(MediaTime.Zero, TestRoom.AnchorUnixNanoseconds));
        Sink.Receiver = OnDatagram;
        for (int i = 0; i < clients; i++) Clients.Add(new PipedClient(Core, room, new TransportId(firstId + i), call.Now));
    }

    public WorkerCore Core { get; }

    public RoomId Room { get; }

    public CountingSink Sink { get; } = new();

    public List<PipedClient> Clients { get; } = [];

    public List<WorkerEvent> Events { get; } = [];

    /// <summary>Requests of the other worker that were taken.</summary>
    public List<WorkerCommand> Requests { get; } = [];

    /// <summary>Its mailbox takes nothing.</summary>
    public bool IsFull { get; set; }

    /// <summary>It makes no turns: it is late.</summary>
    public bool IsStuck { get; set; }

    public int Wakes { get; private set; }

    public bool IsConnected => Clients.TrueForAll(client => client.Virtual.IsConnected);

    public bool TryPost(WorkerCommand command)
    {
        if (IsFull || _isDisposed) return false;
        _mail.Enqueue(command);
        Requests.Add(command);
        return true;
    }

    public void Wake() => Wakes++;

    public void Post(WorkerEvent workerEvent) => Events.Add(workerEvent);

    /// <summary>A command of the control plane, which must not be stale.</summary>
    public void Execute(WorkerCommand command)
    {
        long stale = Core.StaleCommands;
        Core.Execute(_call.Now, command);
        Core.EndTurn(_call.Now);
        Assert.Equal(stale, Core.StaleCommands);
        _call.Settle();
    }

    public void Turn(MediaTime now)
    {
        if (IsStuck || _isDisposed) return;
        Core.OnPipes(now);
        if (Core.NextDeadline <= now) Core.OnDeadline(now);
        Core.EndTurn(now);
        while (_mail.TryDequeue(out WorkerCommand? command)) Core.Execute(now, command);
        Core.EndTurn(now);
    }

    /// <summary>The worker ends, as after an error outside of any room.</summary>
    public void End()
    {
        Core.CloseAll(_call.Now, TransportCloseReason.Failed);
        Core.EndTurn(_call.Now);
        Dispose();
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        Core.Dispose();
        foreach (PipedClient client in Clients) client.Virtual.Dispose();
    }

    private void OnDatagram(in TransportAddress to, Span<byte> datagram)
    {
        int id = to.Port - 1000;
        Clients.Find(client => client.Virtual.Id.Value == id)!.OnDatagram(_call.Now, datagram);
    }
}
