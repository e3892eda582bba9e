using System.Text;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Simulation.Clients;
using Sfu.Simulation.Network;
using Sfu.Simulation.Server;

namespace Sfu.Simulation;

/// <summary>A virtual clock, one server, its clients and the links between them; everything follows from the seed.</summary>
internal sealed class World : IDisposable
{
    private const int MaxStepsWithoutTime = 100_000;

    /// <summary>The product's defaults.</summary>
    internal static readonly TransportTimeouts DefaultTimeouts = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15));

    private readonly PriorityQueue<Action, (long At, long Order)> _agenda = new();
    private readonly Dictionary<TransportAddress, SimulatedClient> _byAddress = [];
    private readonly List<SimulatedClient> _clients = [];
    private long _order;
    private long _nextId = 1;
    private uint _nextAddress = 0xC0A8_0001;
    private uint _nextTrack = 1;
    private uint _nextSsrc = 0x5000_0000;

    /// <summary>Starts a world at 100 s.</summary>
    internal World(ulong seed, TransportTimeouts? timeouts = null)
    {
        Seed = seed;
        Server = new SimulatedServer(this, timeouts ?? DefaultTimeouts);
    }

    internal ulong Seed { get; }

    internal MediaTime Now { get; private set; } = MediaTime.FromSeconds(100);

    internal SemanticLog Log { get; } = new();

    internal SimulatedServer Server { get; }

    internal IReadOnlyList<SimulatedClient> Clients => _clients;

    /// <summary>Datagrams the server sent to addresses where nobody is (any more).</summary>
    internal List<Datagram> Strayed { get; } = [];

    /// <summary>A random stream of its own for each purpose: what one draws changes nothing for the others.</summary>
    internal Random NewRandom(string purpose)
    {
        ulong hash = Seed * 0x9E37_79B9_7F4A_7C15;
        foreach (byte value in Encoding.UTF8.GetBytes(purpose)) hash = (hash ^ value) * 1_099_511_628_211;
        return new Random((int)(hash >> 33));
    }

    /// <summary>Does something later.</summary>
    internal void Schedule(MediaTime at, Action action) => _agenda.Enqueue(action, (Math.Max(at.Nanoseconds, Now.Nanoseconds), _order++));

    /// <summary>Does something after a span.</summary>
    internal void After(TimeSpan span, Action action) => Schedule(Now + span, action);

    /// <summary>An id nobody has.</summary>
    internal long NextId() => _nextId++;

    /// <summary>An address nobody has.</summary>
    internal TransportAddress NextAddress() => TransportAddress.FromIPv4(_nextAddress++, 40_000);

    /// <summary>A client begins to join.</summary>
    internal SimulatedClient Join(RoomId room, ClientOptions? options = null)
    {
        var client = new SimulatedClient(
            this, $"c{_clients.Count + 1}", room, new TransportId(NextId()), NextAddress(), options ?? new ClientOptions());
        _clients.Add(client);
        _byAddress[client.Address] = client;
        Server.Execute(new OpenTransport(room, client.Id, client.ServerCredentials, client.Credentials, [SimulatedClient.Fingerprint]));
        return client;
    }

    /// <summary>A client announces a track and sends it as soon as it is connected.</summary>
    internal OutgoingTrack Publish(SimulatedClient client, MediaKind kind)
    {
        uint number = _nextTrack++;
        var track = new OutgoingTrack(client, new ProducerId(NextId()), number, kind, NewRandom($"track {number}"));
        client.Outgoing.Add(track);
        Server.Execute(new AddProducer(client.Id, track.Id, MediaFormats.Producer(kind, track.Mid, track.Ssrc, track.RtxSsrc)));
        if (client.IsConnected) track.Start(Now);
        return track;
    }

    /// <summary>A client is sent a track.</summary>
    internal IncomingTrack Subscribe(SimulatedClient client, OutgoingTrack track)
    {
        var ssrc = new Ssrc(_nextSsrc++);
        Ssrc? rtx = track.Kind == MediaKind.Video ? new Ssrc(_nextSsrc++) : null;
        var incoming = new IncomingTrack(client, new ConsumerId(NextId()), track, ssrc, rtx);
        client.Incoming.Add(incoming);
        Server.Execute(new AddConsumer(client.Id, incoming.Id, track.Id, MediaFormats.Consumer(track.Kind, $"m{ssrc.Value & 0xFFF}", ssrc, rtx)));
        return incoming;
    }

    /// <summary>Restarts ICE on both sides.</summary>
    internal void RestartIce(SimulatedClient client)
    {
        client.RestartIce();
        Server.Execute(new RestartIce(client.Id, client.ServerCredentials, client.Credentials));
    }

    /// <summary>A datagram arrives at the server.</summary>
    internal void ToServer(Datagram datagram)
    {
        Log.Add(Now, $"up {datagram.From} {datagram.Kind}{(datagram.IsForged ? " forged" : "")}");
        Server.OnDatagram(datagram);
    }

    /// <summary>The server sends a datagram.</summary>
    internal void FromServer(Datagram datagram)
    {
        if (_byAddress.TryGetValue(datagram.To, out SimulatedClient? client)) client.Down.Send(Now, datagram);
        else Strayed.Add(datagram);
    }

    /// <summary>A client's address changes.</summary>
    internal void Move(SimulatedClient client, TransportAddress from, TransportAddress to)
    {
        _byAddress.Remove(from);
        _byAddress[to] = client;
    }

    /// <summary>Lets time pass.</summary>
    internal void RunFor(TimeSpan span) => RunUntil(() => false, span);

    /// <summary>Lets time pass until something is so.</summary>
    /// <returns>False when it was not so in time.</returns>
    internal bool RunUntil(Func<bool> condition, TimeSpan within)
    {
        MediaTime end = Now + within;
        int steps = 0;
        while (!condition())
        {
            MediaTime before = Now;
            if (!Step(end))
            {
                Now = end;
                return condition();
            }

            steps = Now > before ? 0 : steps + 1;
            Assert.True(steps < MaxStepsWithoutTime, $"time stands still at {Now}:\n{Log.Tail}");
        }

        return true;
    }

    /// <summary>Lets the clients join and be connected.</summary>
    internal void ConnectAll()
    {
        bool isDone = RunUntil(() => _clients.TrueForAll(client => client.IsConnected), TimeSpan.FromSeconds(10));
        Assert.True(isDone, $"not connected:\n{Log.Tail}");
        RunFor(TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SimulatedClient client in _clients) client.Dispose();
        Server.Dispose();
    }

    /// <summary>Does the next thing, if it is not after <paramref name="end"/>.</summary>
    private bool Step(MediaTime end)
    {
        MediaTime agenda = _agenda.TryPeek(out _, out (long At, long Order) first) ? new MediaTime(first.At) : MediaTime.Never;
        MediaTime server = Server.NextDeadline;
        SimulatedClient? earliest = null;
        foreach (SimulatedClient client in _clients)
            if (client.NextDeadline < (earliest?.NextDeadline ?? MediaTime.Never)) earliest = client;
        MediaTime next = MediaTime.Min(MediaTime.Min(agenda, server), earliest?.NextDeadline ?? MediaTime.Never);
        if (next > end) return false;
        Now = MediaTime.Max(Now, next);
        if (server <= next) Server.OnDeadline();
        else if (agenda <= next) _agenda.Dequeue()();
        else earliest!.OnDeadline(Now);
        return true;
    }
}
