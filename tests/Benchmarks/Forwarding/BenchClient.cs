using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>A participant with a socket on loopback: joins with ICE and DTLS, then sends; what it receives afterwards is dropped unseen.</summary>
/// <remarks>Driven by the thread that drives the worker; nothing here waits.</remarks>
internal sealed class BenchClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
    private readonly DtlsContext _context;
    private readonly DtlsTransport _dtls;
    private readonly IceControllingAgent _ice;
    private readonly byte[] _buffer = new byte[2048];
    private SrtpKeys? _keys;
    private SrtpSender? _sender;

    /// <summary>Opens a transport on the worker and a socket towards it.</summary>
    public BenchClient(WorkerCore core, MediaTime now, RoomId room, long id, int port, SrtpProfile profile)
    {
        Id = new TransportId(id);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Connect(IPAddress.Loopback, port);
        _context = new DtlsContext(Certificate, DtlsRole.Client, [profile]);
        _dtls = new DtlsTransport(_context, [Certificate.Fingerprint]);
        var local = new IceCredentials($"c{id:000}", new string('p', 24));
        var remote = new IceCredentials($"s{id:000}", new string('q', 24));
        _ice = new IceControllingAgent(local, remote, random => Random.Shared.NextBytes(random.Span));
        core.Execute(now, new OpenTransport(room, Id, remote, local, [Certificate.Fingerprint]));
    }

    /// <summary>One certificate for both sides.</summary>
    public static DtlsCertificate Certificate { get; } = CreateCertificate();

    /// <summary>Its transport.</summary>
    public TransportId Id { get; }

    /// <summary>The handshake is done.</summary>
    public bool IsConnected => _keys is not null;

    /// <summary>Goes on with ICE and DTLS.</summary>
    public void Run(MediaTime now)
    {
        while (!IsConnected && _socket.Available > 0) OnDatagram(now, _buffer.AsSpan(0, _socket.Receive(_buffer)));
        int length = _ice.OnDeadline(now, _buffer);
        if (length > 0) _socket.Send(_buffer.AsSpan(0, length));
        if (!_ice.Connected) return;
        _dtls.Start(now);
        if (_dtls.NextDeadline <= now) _dtls.OnDeadline(now);
        while (_dtls.TryTakeOutgoing(_buffer, out length)) _socket.Send(_buffer.AsSpan(0, length));
    }

    /// <summary>From now on the kernel drops what comes: whoever sends pays for the whole way, and nothing queues.</summary>
    public void DropAll() => SocketStages.DropAll(_socket);

    /// <summary>Protects and sends a packet.</summary>
    public void SendRtp(ReadOnlySpan<byte> plain, int header, Ssrc ssrc, ulong index)
    {
        plain[..header].CopyTo(_buffer);
        _socket.Send(_buffer.AsSpan(0, _sender!.Protect(_buffer, header, plain[header..], ssrc, index)));
    }

    /// <summary>Its report: the sign of life without which nothing is sent to it, and what tells that it knows the stream.</summary>
    /// <param name="received">The stream it receives; null for one that only sends.</param>
    public void SendReport(Ssrc? received = null)
    {
        var writer = new RtcpWriter(_buffer);
        writer.WriteReceiverReport(new Ssrc(1), received is { } ssrc ? [new ReportBlock(ssrc, 0, 0, 0, 0, 0, 0)] : default(ReadOnlySpan<ReportBlock>));
        _socket.Send(_buffer.AsSpan(0, _sender!.ProtectRtcp(_buffer, writer.Written.Length)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _sender?.Dispose();
        _keys?.Dispose();
        _dtls.Dispose();
        _context.Dispose();
    }

    private void OnDatagram(MediaTime now, Span<byte> datagram)
    {
        if (datagram[0] < 4) _ice.OnStun(now, datagram);
        else if (datagram[0] < 64) _dtls.OnDatagram(now, datagram);
        if (_dtls.State != DtlsState.Connected || _keys is not null) return;
        _keys = _dtls.TakeKeys();
        _sender = new SrtpSender(_keys);
    }

    private static DtlsCertificate CreateCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return new DtlsCertificate(certificate.RawData, key.ExportPkcs8PrivateKey());
    }
}
