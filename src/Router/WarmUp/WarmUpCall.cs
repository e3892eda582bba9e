using Sfu.Media.Buffers;
using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.WarmUp;

/// <summary>A call in memory, so that the runtime compiles the packet path before the first real call: one camera and microphone, viewers, a tap.</summary>
/// <remarks>
/// Everything but the sockets is what a real call goes through: ICE and DTLS, receive, unprotect, route, rewrite, protect, plan; RTCP both ways, losses,
/// RTX, a viewer who pauses. It has its own worker core, counters and time and leaves nothing behind. Owned by one thread.
/// </remarks>
public sealed class WarmUpCall : IWorkerEventSink, IDisposable
{
    /// <summary>Wall clock at the call's time zero; any.</summary>
    internal const long UnixAtZero = 1_800_000_000_000_000_000;

    private const int Viewers = 3;
    private const int MaxHandshakeSteps = 400;
    private const int SoundsPerSecond = 50;
    private static readonly TimeSpan Picture = TimeSpan.FromSeconds(1) / 30;
    private static readonly TimeSpan QuietStep = TimeSpan.FromMilliseconds(100);
    private static readonly TransportTimeouts Patient = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    private readonly DtlsContext _context;
    private readonly WarmUpNetwork _network = new();
    private readonly WorkerCore _core;
    private readonly List<WarmUpClient> _clients = [];
    private readonly WarmUpPublisher _publisher;
    private MediaTime _now = MediaTime.FromSeconds(10);
    private MediaTime _nextSound;
    private MediaTime _nextReport;

    /// <summary>Makes the call and connects everybody.</summary>
    /// <param name="certificate">Any; both ends show it. Must outlive the call.</param>
    /// <param name="profile">The cipher suite of the call.</param>
    /// <param name="video">VP8 or H.264.</param>
    /// <exception cref="InvalidOperationException">The handshakes did not end: the server could not serve anybody.</exception>
    public WarmUpCall(DtlsCertificate certificate, SrtpProfile profile, MediaCodec video)
    {
        _context = new DtlsContext(certificate, DtlsRole.Server, [profile]);
        _core = new WorkerCore(
            new WorkerCoreOptions(Patient, 1 + Viewers, Seed: 1, Ingress: new IngressLimits(default, default)), _context, _network, this,
            () => new WallClockAnchor(MediaTime.Zero, UnixAtZero));
        for (int id = 1; id <= 1 + Viewers; id++)
            _clients.Add(new WarmUpClient(_core, new RoomId(1), new TransportId(id), certificate, certificate, profile, _now));
        _network.Receiver = (in Sfu.Media.Ice.TransportAddress to, Span<byte> datagram) => _clients[to.Port - 1].OnDatagram(_now, datagram);
        _publisher = new WarmUpPublisher(_clients[0], video);
        Connect();
        Publish(video);
    }

    /// <summary>Packets that were published.</summary>
    internal long Published => _publisher.Sent;

    /// <summary>Packets that came to a viewer, resent ones included.</summary>
    internal long ReceivedBy(int viewer) => _clients[1 + viewer].Received;

    /// <summary>Datagrams that the worker did not use, by reason.</summary>
    internal IReadOnlyList<long> Dropped => _core.Counters.Dropped;

    /// <summary>What was asked for again by viewers and of the publisher, resent, and key frames asked for.</summary>
    internal (long NacksIn, long NacksOut, long Resent, long KeyFrameRequests) Feedback =>
        (_core.Counters.NacksReceived, _core.Counters.NacksSent, _core.Counters.Retransmissions, _core.Counters.KeyFrameRequestsSent);

    /// <summary>Lets a part of the call happen.</summary>
    /// <param name="media">How long camera and microphone send: 200 packets for each second of it.</param>
    /// <param name="quiet">How long there are only checks, reports and timers afterwards.</param>
    public void Run(TimeSpan media, TimeSpan quiet)
    {
        SetPaused(true);
        _nextSound = MediaTime.Max(_nextSound, _now);
        for (MediaTime end = _now + media; _now < end;)
        {
            Advance(Picture);
            _publisher.SendPicture(_now);
            _core.EndTurn(_now);
            for (; _nextSound <= _now; _nextSound += TimeSpan.FromSeconds(1) / SoundsPerSecond) SendSound();
        }

        SetPaused(false);
        for (MediaTime end = _now + quiet; _now < end;) Advance(QuietStep);
    }

    /// <inheritdoc/>
    void IWorkerEventSink.Post(WorkerEvent workerEvent)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _core.CloseAll(_now, TransportCloseReason.Commanded);
        _core.EndTurn(_now);
        _core.Dispose();
        foreach (WarmUpClient client in _clients) client.Dispose();
        _context.Dispose();
    }

    private void Connect()
    {
        for (int step = 0; step < MaxHandshakeSteps; step++)
        {
            if (_clients.TrueForAll(client => client.IsConnected)) return;
            Advance(TimeSpan.FromMilliseconds(5));
        }

        throw new InvalidOperationException("The handshakes of the warm-up did not end.");
    }

    private void Publish(MediaCodec video)
    {
        var (camera, microphone) = (new ProducerId(1), new ProducerId(2));
        Execute(new AddProducer(_clients[0].Id, camera, WarmUpTracks.Camera(video), Tap: new NoTap()));
        Execute(new AddProducer(_clients[0].Id, microphone, WarmUpTracks.Microphone(), Tap: new NoTap()));
        for (int i = 1; i <= Viewers; i++)
        {
            Execute(new AddConsumer(_clients[i].Id, new ConsumerId(i), camera, WarmUpTracks.Picture(video)));
            Execute(new AddConsumer(_clients[i].Id, new ConsumerId(Viewers + i), microphone, WarmUpTracks.Sound()));
        }

        _nextSound = _nextReport = _now;
    }

    /// <summary>The last viewer looks elsewhere.</summary>
    private void SetPaused(bool isPaused) => Execute(new SetConsumerPreferences(new ConsumerId(Viewers), isPaused));

    private void SendSound()
    {
        _publisher.SendSound(_now);
        _core.EndTurn(_now);
    }

    private void Execute(WorkerCommand command)
    {
        _core.Execute(_now, command);
        _core.EndTurn(_now);
    }

    private void Advance(TimeSpan span)
    {
        _now += span;
        foreach (WarmUpClient client in _clients) client.Run(_now);
        if (_nextReport <= _now && _publisher.Sent > 0)
        {
            _nextReport = _now + TimeSpan.FromSeconds(1);
            _publisher.SendReport(_now);
        }

        if (_core.NextDeadline <= _now) _core.OnDeadline(_now);
        _core.EndTurn(_now);
    }

    private sealed class NoTap : IPacketTap
    {
        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired) => true;

        public void OnMuteChanged(MediaTime at, bool isMuted)
        {
        }

        public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
        {
        }

        public void OnReceipt(MediaTime at, Ssrc ssrc, long packets)
        {
        }
    }
}
