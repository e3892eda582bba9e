using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Server;

/// <summary>A whole worker core without thread, clock and socket: each datagram, deadline and command is a turn.</summary>
internal sealed class SimulatedServer : IWorkerEventSink, IDisposable
{
    /// <summary>Where it listens.</summary>
    internal static readonly TransportAddress Address = TransportAddress.FromIPv4(0x0A00_0001, 7882);

    /// <summary>Wall clock of virtual time zero.</summary>
    internal const long UnixAtZero = 1_800_000_000_000_000_000;

    private static readonly DtlsCertificate Certificate = SimulationCertificates.Create("server");

    private static readonly DtlsContext Dtls = new(
        Certificate, DtlsRole.Server, [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmHmacSha1Tag80]);

    private readonly World _world;

    /// <summary>Starts a worker without rooms.</summary>
    internal SimulatedServer(World world, TransportTimeouts timeouts)
    {
        _world = world;
        Core = new WorkerCore(
            new WorkerCoreOptions(timeouts, HandshakeStepsPerTurn: 1, world.Seed), Dtls, new MemorySink(Send), this,
            () => new WallClockAnchor(world.Now, UnixAtZero + world.Now.Nanoseconds));
    }

    /// <summary>What clients are told to expect.</summary>
    internal static DtlsFingerprint Fingerprint => Certificate.Fingerprint;

    /// <summary>The worker under test.</summary>
    internal WorkerCore Core { get; }

    /// <summary>Watches it.</summary>
    internal ServerInvariants Invariants { get; } = new();

    /// <summary>Everything it reported, but for the summaries of every second.</summary>
    internal List<(MediaTime At, WorkerEvent What)> Events { get; } = [];

    /// <summary>The newest summary of each room.</summary>
    internal Dictionary<RoomId, RoomSummary> Summaries { get; } = [];

    /// <summary>Turns so far; what leaves in one turn belongs together.</summary>
    internal long Turn { get; private set; }

    /// <summary>When it wants to be called.</summary>
    internal MediaTime NextDeadline => Core.NextDeadline;

    /// <summary>Drops counted for a reason.</summary>
    internal long Dropped(DropReason reason) => Core.Counters.Dropped[(int)reason];

    /// <summary>Takes a datagram.</summary>
    internal void OnDatagram(Datagram datagram)
    {
        Invariants.OnReceived(_world.Now, datagram);
        Core.OnDatagram(_world.Now, datagram.From, datagram.Bytes.AsSpan().ToArray());
        EndTurn();
    }

    /// <summary>Runs what is due.</summary>
    internal void OnDeadline()
    {
        Core.OnDeadline(_world.Now);
        EndTurn();
    }

    /// <summary>Carries out a command.</summary>
    internal void Execute(WorkerCommand command)
    {
        if (command is OpenTransport open) Invariants.AddCredentials(open.Transport, open.Local);
        if (command is RestartIce restart) Invariants.AddCredentials(restart.Transport, restart.Local);
        _world.Log.Add(_world.Now, $"command {command.GetType().Name}");
        Core.Execute(_world.Now, command);
        EndTurn();
    }

    /// <summary>Sheds more or less from now on.</summary>
    internal void Shed(ShedStep step)
    {
        Core.SetShedStep(_world.Now, step);
        EndTurn();
    }

    /// <inheritdoc/>
    void IWorkerEventSink.Post(WorkerEvent workerEvent)
    {
        Invariants.OnEvent(workerEvent);
        if (workerEvent is RoomSummary summary)
        {
            Summaries[summary.Room] = summary;
            return;
        }

        Events.Add((_world.Now, workerEvent));
        _world.Log.Add(_world.Now, $"event {workerEvent}");
    }

    /// <inheritdoc/>
    public void Dispose() => Core.Dispose();

    private void EndTurn()
    {
        Core.EndTurn(_world.Now);
        Turn++;
    }

    private void Send(TransportAddress to, byte[] bytes)
    {
        Invariants.OnSent(_world.Now, to, bytes);
        _world.FromServer(new Datagram(Address, to, bytes));
    }
}
