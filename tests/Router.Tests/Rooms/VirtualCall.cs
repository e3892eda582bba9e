using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Rooms;

/// <summary>A whole worker without sockets, and connected clients in one room.</summary>
internal sealed class VirtualCall : IWorkerEventSink, IDisposable
{
    private static readonly IngressLimits NoLimit = new(default, default);

    private readonly DtlsContext _context;
    private readonly List<VirtualClient> _clients = [];

    public VirtualCall(int clients, SrtpProfile profile)
    {
        _context = new DtlsContext(VirtualClient.ServerCertificate, DtlsRole.Server, [profile]);
        var timeouts = new TransportTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        Core = new WorkerCore(
            new WorkerCoreOptions(timeouts, 8, 1, Ingress: NoLimit), _context, Sink, this, () => new WallClockAnchor(MediaTime.Zero, TestRoom.AnchorUnixNanoseconds));
        for (int i = 1; i <= clients; i++)
            _clients.Add(new VirtualClient(Core, new RoomId(1), new TransportId(i), VirtualClient.ServerCertificate.Fingerprint, profile, Now));
        Sink.Receiver = (in Sfu.Media.Ice.TransportAddress to, Span<byte> datagram) => _clients[to.Port - 1001].OnDatagram(Now, datagram);
        for (int round = 0; round < 200 && !_clients.TrueForAll(client => client.IsConnected); round++)
        {
            Now += TimeSpan.FromMilliseconds(5);
            foreach (VirtualClient client in _clients) client.Run(Now);
            Core.OnDeadline(Now);
            Core.EndTurn(Now);
        }

        Assert.All(_clients, client => Assert.True(client.IsConnected));
        Sink.Receiver = null;
    }

    public WorkerCore Core { get; }

    public CountingSink Sink { get; } = new();

    public IReadOnlyList<VirtualClient> Clients => _clients;

    public MediaTime Now { get; set; } = MediaTime.FromSeconds(10);

    public long EventCount => Events.Count;

    public List<WorkerEvent> Events { get; } = [];

    public void Post(WorkerEvent workerEvent) => Events.Add(workerEvent);

    public void Execute(WorkerCommand command)
    {
        long stale = Core.StaleCommands;
        Core.Execute(Now, command);
        Core.EndTurn(Now);
        Assert.Equal(stale, Core.StaleCommands);
    }

    public void Dispose()
    {
        Core.Dispose();
        foreach (VirtualClient client in _clients) client.Dispose();
        _context.Dispose();
    }
}
