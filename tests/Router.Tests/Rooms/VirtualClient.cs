using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>A client that joins a <see cref="WorkerCore"/> with ICE and DTLS, and then speaks SRTP.</summary>
internal sealed class VirtualClient : IDisposable
{
    private static readonly DtlsCertificate Certificate = CreateCertificate();

    private readonly WorkerCore _core;
    private readonly DtlsContext _context;
    private readonly IceControllingAgent _ice;
    private readonly DtlsTransport _dtls;
    private readonly byte[] _buffer = new byte[2048];
    private SrtpKeys? _keys;

    public VirtualClient(WorkerCore core, RoomId room, TransportId id, DtlsFingerprint server, SrtpProfile profile, MediaTime now)
    {
        _core = core;
        Id = id;
        Address = TransportAddress.FromIPv4(0x0A000001, (ushort)(1000 + id.Value));
        var local = new IceCredentials($"c{id.Value:000}", new string('p', 24));
        var remote = new IceCredentials($"s{id.Value:000}", new string('q', 24));
        _context = new DtlsContext(Certificate, DtlsRole.Client, [profile]);
        _dtls = new DtlsTransport(_context, [server]);
        _ice = new IceControllingAgent(local, remote, random => random.Span.Fill((byte)id.Value));
        core.Execute(now, new OpenTransport(room, id, remote, local, [Certificate.Fingerprint]));
    }

    public static DtlsCertificate ServerCertificate { get; } = CreateCertificate();

    public TransportId Id { get; }

    public TransportAddress Address { get; }

    public bool IsConnected => _keys is not null;

    public SrtpSender Sender { get; private set; } = null!;

    public SrtpReceiver Receiver { get; private set; } = null!;

    /// <summary>Sends what ICE and DTLS have to send.</summary>
    public void Run(MediaTime now)
    {
        int length = _ice.OnDeadline(now, _buffer);
        if (length > 0) _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
        if (!_ice.Connected) return;
        _dtls.Start(now);
        while (_dtls.TryTakeOutgoing(_buffer, out length)) _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
    }

    /// <summary>Takes a datagram of the handshake.</summary>
    public void OnDatagram(MediaTime now, ReadOnlySpan<byte> datagram)
    {
        if (datagram[0] < 4) Assert.Equal(DropReason.None, _ice.OnStun(now, datagram));
        else if (datagram[0] < 64) _dtls.OnDatagram(now, datagram);
        if (_dtls.State != DtlsState.Connected || _keys is not null) return;
        _keys = _dtls.TakeKeys();
        Sender = new SrtpSender(_keys);
        Receiver = new SrtpReceiver(_keys);
    }

    /// <summary>Sends a plain RTP packet.</summary>
    public void SendRtp(MediaTime now, ReadOnlySpan<byte> plain, ulong index)
    {
        if (RtpHeader.Parse(plain, out RtpHeader header) != DropReason.None) throw new ArgumentException("not RTP", nameof(plain)); // no Assert: it allocates
        plain[..header.PayloadAt].CopyTo(_buffer);
        int length = Sender.Protect(_buffer, header.PayloadAt, plain[header.PayloadAt..], header.Ssrc, index);
        _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
    }

    /// <summary>Sends a plain RTCP compound.</summary>
    public void SendRtcp(MediaTime now, ReadOnlySpan<byte> compound)
    {
        compound.CopyTo(_buffer);
        int length = Sender.ProtectRtcp(_buffer, compound.Length);
        _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
    }

    public void Dispose()
    {
        Sender?.Dispose();
        Receiver?.Dispose();
        _keys?.Dispose();
        _dtls.Dispose();
        _context.Dispose();
    }

    private static DtlsCertificate CreateCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new DtlsCertificate(certificate.RawData, key.ExportPkcs8PrivateKey());
    }
}
