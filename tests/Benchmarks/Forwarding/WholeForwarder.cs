using System.Net;
using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>A worker's whole path from its socket to its socket, driven by this thread: receive, unprotect, route, rewrite, protect, send.
/// The counterpart of the C program fwd, with as many receivers, packets in a turn and bytes in a datagram.</summary>
/// <remarks>Time is virtual and passes as in a call of two hundred packets a second, so reports and other duties come as often per packet as
/// there. What the worker does besides forwarding is thus in the figure, which is not so in C.</remarks>
internal sealed class WholeForwarder : IWorkerEventSink, ITcpOwner, IDisposable
{
    private const int Plain = 12 + 1200;                   // as fwd's packets
    private const int Header = 24;                         // of that; ours has two extensions, so the payload is 12 bytes shorter
    private const int PacketsPerBlock = 20;
    private const int PacketsPerSecond = 200;
    private const byte Vp8 = 96;
    private const CodecFeedback Feedback = CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.TransportCc;
    private static readonly Ssrc Received = new(0x9001);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private static readonly HeaderExtensionMap Extensions = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [3] = HeaderExtensionKind.TransportCc,
        [4] = HeaderExtensionKind.Mid,
    });

    private readonly UdpEndpoint _udp = new(IPAddress.Loopback, 0, SegmentationMode.Auto);
    private readonly Epoll _epoll = new();
    private readonly TcpEndpoint _tcp;
    private readonly DtlsContext _dtls;
    private readonly WorkerCore _core;
    private readonly BenchClient _sender;
    private readonly BenchClient[] _viewers;
    private readonly byte[] _packet = new byte[Plain];
    private readonly int _perTurn;
    private readonly byte[] _others = new byte[64 * 1024 * 1024];   // more than the caches hold
    private MediaTime _nextReport;
    private MediaTime _now = MediaTime.FromSeconds(10);
    private ulong _index = 1000;
    private bool _isRunning;

    /// <summary>Lets one sender of video and some viewers join.</summary>
    /// <param name="profile">What protects the packets of all of them.</param>
    /// <param name="viewers">Receivers of each packet.</param>
    /// <param name="perTurn">Packets that wait when a turn begins.</param>
    public WholeForwarder(SrtpProfile profile, int viewers, int perTurn)
    {
        _perTurn = perTurn;
        _tcp = new TcpEndpoint(_epoll, this, IPAddress.Loopback, -1);
        _dtls = new DtlsContext(BenchClient.Certificate, DtlsRole.Server, [profile]);
        _core = new WorkerCore(
            new WorkerCoreOptions(new TransportTimeouts(Patience, Patience, Patience), 1, 7, null, new IngressLimits(default, default)),
            _dtls, new WorkerSink(_udp.Outgoing, _tcp, new ForwardDelays()), this, () => new WallClockAnchor(MediaTime.Zero, 0));
        var room = new RoomId(1);
        _sender = new BenchClient(_core, _now, room, 1, _udp.Local.Port, profile);
        _viewers = [.. Enumerable.Range(2, viewers).Select(id => new BenchClient(_core, _now, room, id, _udp.Local.Port, profile))];
        var codec = new CodecFormat(MediaCodec.Vp8, Vp8, 90_000, 0, "", 97, Feedback);
        _core.Execute(_now, new AddProducer(_sender.Id, new ProducerId(1), new ProducerParameters(
            MediaKind.Video, "v", [codec], Extensions, [new EncodingParameters(null, null, null)])));
        foreach (BenchClient viewer in _viewers)
        {
            _core.Execute(_now, new AddConsumer(viewer.Id, new ConsumerId(viewer.Id.Value), new ProducerId(1), new ConsumerParameters(
                "7", Received, new Ssrc(0x9002), [new ConsumerCodec(Vp8, codec)], Extensions)));
        }

        Connect();
    }

    /// <summary>Nanoseconds of this thread per packet that leaves.</summary>
    /// <param name="isCold">The caches hold other things when a turn begins, as they do in a call that leaves the processor idle in between.</param>
    /// <exception cref="InvalidOperationException">Packets were lost or something else was sent than was meant to be.</exception>
    public double PerForwardedPacket(bool isCold = false)
    {
        int turns = Math.Max(1, PacketsPerBlock / _perTurn);
        long expected = (long)turns * _perTurn * _viewers.Length;
        long before = _udp.Outgoing.Datagrams;
        return CpuClock.MeasureTurns(
            (int)expected,
            turns,
            () =>
            {
                if (_now >= _nextReport) Report();
                for (int i = 0; i < _perTurn; i++) Send(isFirst: i == 0, isLast: i == _perTurn - 1);
                if (isCold) _others.AsSpan().Fill((byte)_index);
            },
            Turn,
            () =>
            {
                long sent = _udp.Outgoing.Datagrams - before;
                before += sent;
                if (sent < expected || sent > expected + expected / 10 + 3 * _viewers.Length)
                    throw new InvalidOperationException($"{sent} datagrams left instead of {expected}");
            });
    }

    /// <inheritdoc/>
    public void Post(WorkerEvent workerEvent)
    {
        if (workerEvent is TransportClosed closed) throw new InvalidOperationException($"a participant was closed: {closed}");
    }

    /// <inheritdoc/>
    TcpPlacement ITcpOwner.Place(ReadOnlySpan<byte> firstFrame) => TcpPlacement.Refuse;

    /// <inheritdoc/>
    void ITcpOwner.HandOver(FileDescriptor socket, in Media.Ice.TransportAddress remote, ReadOnlySpan<byte> firstFrame, ReadOnlySpan<byte> rest) =>
        socket.Dispose();

    /// <inheritdoc/>
    void ITcpOwner.OnFrame(MediaTime now, in Media.Ice.TransportAddress from, Span<byte> frame)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        foreach (BenchClient viewer in _viewers) viewer.Dispose();
        _core.Dispose();
        _tcp.Dispose();
        _udp.Dispose();
        _epoll.Dispose();
        _dtls.Dispose();
    }

    private void Connect()
    {
        MediaTime end = _now + Patience;
        BenchClient[] all = [_sender, .. _viewers];
        while (!all.All(client => client.IsConnected))
        {
            if (_now > end) throw new InvalidOperationException("not everybody could connect");
            foreach (BenchClient client in all) client.Run(_now);
            Turn();
            _now += TimeSpan.FromMilliseconds(2);
        }

        foreach (BenchClient client in all) client.DropAll();
        Report();
        Send(isFirst: true, isLast: true);
        Turn();
        _isRunning = true;
    }

    /// <summary>What the worker's thread does in a turn, but for waiting and its mailbox.</summary>
    private void Turn()
    {
        int count;
        do
        {
            count = _udp.Receive();
            for (int i = 0; i < count; i++) _core.OnDatagram(_now, _udp.Incoming.From(i), _udp.Incoming.Datagram(i));
        }
        while (count == _udp.Incoming.Capacity || _core.TakeExpectsMore());
        if (_core.NextDeadline <= _now) _core.OnDeadline(_now);
        _core.EndTurn(_now);
    }

    /// <summary>The signs of life of everybody, in a turn of their own that is not measured.</summary>
    private void Report()
    {
        _nextReport = _now + ReportInterval;
        foreach (BenchClient viewer in _viewers) viewer.SendReport(Received);
        _sender.SendReport();
        Turn();
    }

    private void Send(bool isFirst, bool isLast)
    {
        _index++;
        var writer = new RtpHeaderWriter(_packet, isLast, Vp8, new SequenceNumber((ushort)_index), new RtpTimestamp((uint)_now.Nanoseconds / 11_111), new Ssrc(0x1111));
        writer.AddExtension(4, "v"u8);
        writer.AddExtension(3, [(byte)(_index >> 8), (byte)_index]);
        int at = writer.Finish();
        if (at != Header) throw new InvalidOperationException($"the header has {at} bytes");
        // Descriptor with picture id and layers, then the frame's own start: of a key frame until everybody has one.
        byte frame = (byte)(_isRunning ? 0x11 : 0x10);
        ReadOnlySpan<byte> start = [(byte)(isFirst ? 0x90 : 0x80), 0xE0, 0x80, 1, 1, 0, frame, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 2, 0x68, 1];
        start.CopyTo(_packet.AsSpan(at));
        _sender.SendRtp(_packet.AsSpan(), at, new Ssrc(0x1111), _index);
        _now += TimeSpan.FromMilliseconds(1000.0 / PacketsPerSecond);
    }
}
