using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Workers;

/// <summary>A client with a real UDP or TCP socket: ICE, DTLS and SRTP in real time, driven by its test.</summary>
internal sealed class SocketClient : IDisposable
{
    private const int TcpPrefix = 2;
    private readonly Socket _socket;
    private readonly DtlsContext _context;
    private readonly DtlsTransport _dtls;
    private readonly IceControllingAgent _ice;
    private readonly byte[] _buffer = new byte[4096];
    private SrtpKeys? _keys;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;

    private SocketClient(EndPoint server, ProtocolType protocol, IceCredentials local, IceCredentials remote, SrtpProfile profile)
    {
        _socket = new Socket(server.AddressFamily, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        _socket.Connect(server);
        _context = new DtlsContext(VirtualClient.ServerCertificate, DtlsRole.Client, [profile]);
        _dtls = new DtlsTransport(_context, [VirtualClient.ServerCertificate.Fingerprint]);
        _ice = new IceControllingAgent(local, remote, bytes => Random.Shared.NextBytes(bytes.Span));
    }

    internal required TransportId Id { get; init; }

    /// <summary>The handshake is done.</summary>
    internal bool IsConnected => _keys is not null;

    /// <summary>The server said goodbye: close_notify, or the end of the stream.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Plain RTP packets, in order.</summary>
    internal List<byte[]> Received { get; } = [];

    /// <summary>Opens a transport on a worker and the socket towards it.</summary>
    internal static SocketClient Join(
        MediaWorker worker, RoomId room, long id, IPAddress address, ProtocolType protocol, int? port = null,
        SrtpProfile profile = SrtpProfile.AeadAes128Gcm)
    {
        var local = new IceCredentials($"c{id}x{Guid.NewGuid():N}"[..16], "client-password-000000");
        var remote = new IceCredentials($"s{id}x{Guid.NewGuid():N}"[..16], "server-password-000000");
        Assert.True(worker.TryPost(new OpenTransport(room, new TransportId(id), remote, local, [VirtualClient.ServerCertificate.Fingerprint])));
        int to = port ?? (protocol == ProtocolType.Udp ? worker.UdpPort : worker.TcpPort);
        return new SocketClient(new IPEndPoint(address, to), protocol, local, remote, profile) { Id = new TransportId(id) };
    }

    /// <summary>Runs all clients until something is so; fails after ten seconds.</summary>
    internal static void RunUntil(Func<bool> condition, params SocketClient[] clients)
    {
        long end = Stopwatch.GetTimestamp() + 10 * Stopwatch.Frequency;
        while (!condition())
        {
            Assert.True(Stopwatch.GetTimestamp() < end, $"not so after ten seconds; connected: {string.Join(", ", clients.Select(c => c.IsConnected))}");
            foreach (SocketClient client in clients) client.Turn();
        }
    }

    /// <summary>Protects and sends a plain RTP packet.</summary>
    internal void SendRtp(byte[] plain, ulong index)
    {
        Assert.Equal(DropReason.None, RtpHeader.Parse(plain, out RtpHeader header));
        var datagram = new byte[plain.Length + SrtpLimits.MaxOverhead];
        plain.AsSpan(0, header.PayloadAt).CopyTo(datagram);
        Send(datagram.AsSpan(0, _sender!.Protect(datagram, header.PayloadAt, plain.AsSpan(header.PayloadAt), header.Ssrc, index)));
    }

    /// <summary>Protects and sends a plain RTCP compound.</summary>
    internal void SendRtcp(ReadOnlySpan<byte> compound)
    {
        var datagram = new byte[compound.Length + SrtpLimits.MaxOverhead];
        compound.CopyTo(datagram);
        Send(datagram.AsSpan(0, _sender!.ProtectRtcp(datagram, compound.Length)));
    }

    /// <summary>Protects plain RTP packets of one length and sends them as one message, which the kernel may hand on as it is (UDP_SEGMENT).</summary>
    internal void SendRtpTogether(IEnumerable<byte[]> packets, ulong firstIndex)
    {
        const int solUdp = 17, udpSegment = 103;
        var message = new List<byte>();
        int length = 0;
        foreach (byte[] plain in packets)
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(plain, out RtpHeader header));
            var datagram = new byte[plain.Length + SrtpLimits.MaxOverhead];
            plain.AsSpan(0, header.PayloadAt).CopyTo(datagram);
            length = _sender!.Protect(datagram, header.PayloadAt, plain.AsSpan(header.PayloadAt), header.Ssrc, firstIndex++);
            message.AddRange(datagram[..length]);
        }

        _socket.SetRawSocketOption(solUdp, udpSegment, BitConverter.GetBytes(length));
        _socket.Send(message.ToArray());
        _socket.SetRawSocketOption(solUdp, udpSegment, BitConverter.GetBytes(0));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        _keys?.Dispose();
        _dtls.Dispose();
        _context.Dispose();
    }

    private static MediaTime Now => MonotonicClock.Now;

    /// <summary>Takes one datagram, waiting for a millisecond at most, and sends what is due.</summary>
    private void Turn()
    {
        if (!IsClosed && _socket.Poll(1000, SelectMode.SelectRead)) Receive();
        int length = _ice.OnDeadline(Now, _buffer);
        if (length > 0) Send(_buffer.AsSpan(0, length));
        if (!_ice.Connected) return;
        _dtls.Start(Now);
        if (_dtls.NextDeadline <= Now) _dtls.OnDeadline(Now);
        while (_dtls.TryTakeOutgoing(_buffer, out length)) Send(_buffer.AsSpan(0, length));
    }

    private void Receive()
    {
        Span<byte> datagram;
        try
        {
            datagram = _socket.ProtocolType == ProtocolType.Udp ? _buffer.AsSpan(0, _socket.Receive(_buffer)) : ReceiveFrame();
        }
        catch (SocketException)
        {
            datagram = default;                            // reset
        }

        if (datagram.IsEmpty) IsClosed = true;
        else OnDatagram(datagram);
    }

    private Span<byte> ReceiveFrame()
    {
        if (!TryReceive(TcpPrefix)) return default;
        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer);
        return TryReceive(length) ? _buffer.AsSpan(0, length) : default;
    }

    private bool TryReceive(int length)
    {
        for (int have = 0; have < length;)
        {
            int count = _socket.Receive(_buffer, have, length - have, SocketFlags.None);
            if (count == 0) return false;
            have += count;
        }

        return true;
    }

    private void OnDatagram(Span<byte> datagram)
    {
        switch (datagram[0])
        {
            case < 4:
                _ice.OnStun(Now, datagram);
                break;
            case < 64:
                _dtls.OnDatagram(Now, datagram);
                IsClosed |= _dtls.State == DtlsState.Closed;
                TakeKeys();
                break;
            default:
                OnMedia(datagram);
                break;
        }
    }

    private void TakeKeys()
    {
        if (_dtls.State != DtlsState.Connected || _keys is not null) return;
        _keys = _dtls.TakeKeys();
        _sender = new SrtpSender(_keys);
        _receiver = new SrtpReceiver(_keys);
    }

    private void OnMedia(Span<byte> datagram)
    {
        bool isRtp = datagram[1] is < 192 or > 223;
        if (_receiver is null || !isRtp) return;
        Assert.Equal(DropReason.None, RtpHeader.Parse(datagram, out RtpHeader header));
        Assert.Equal(DropReason.None, _receiver.Unprotect(datagram, header, datagram, out int length));
        Received.Add(datagram[..length].ToArray());
    }

    private void Send(ReadOnlySpan<byte> datagram)
    {
        if (IsClosed) return;
        if (_socket.ProtocolType == ProtocolType.Udp)
        {
            _socket.Send(datagram);
            return;
        }

        var frame = new byte[TcpPrefix + datagram.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)datagram.Length);
        datagram.CopyTo(frame.AsSpan(TcpPrefix));
        _socket.Send(frame);
    }
}
