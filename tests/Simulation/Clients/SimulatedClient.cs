using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Simulation.Network;
using Sfu.Simulation.Server;

namespace Sfu.Simulation.Clients;

/// <summary>A whole client in virtual time: controlling ICE agent, DTLS client, SRTP, RTCP, tracks both ways.</summary>
internal sealed class SimulatedClient : IDisposable
{
    private const int MaxDatagram = 1500;
    private static readonly DtlsCertificate Certificate = SimulationCertificates.Create("client");

    private readonly DtlsContext _context;
    private readonly DtlsTransport _dtls;
    private readonly HelloSplitter? _splitter;
    private readonly Random _random;
    private readonly ClientRtcp _rtcp;
    private IceControllingAgent _ice;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private SrtpKeys? _keys;
    private MediaTime _lastFlightAt;
    private ushort _transportCcNumber;

    /// <summary>Makes a client that begins with its checks at once.</summary>
    internal SimulatedClient(World world, string name, RoomId room, TransportId id, TransportAddress address, ClientOptions options)
    {
        World = world;
        Name = name;
        Room = room;
        Id = id;
        Address = address;
        Options = options;
        StartedAt = world.Now;
        _random = world.NewRandom($"{name} client");
        Credentials = NewCredentials("c");
        ServerCredentials = NewCredentials("s");
        _ice = NewAgent();
        _context = new DtlsContext(Certificate, DtlsRole.Client, options.Profiles);
        _dtls = new DtlsTransport(_context, [SimulatedServer.Fingerprint]);
        _splitter = options.SplitsHello ? new HelloSplitter() : null;
        _rtcp = new ClientRtcp(this);
        Up = new Link(options.Up, world.NewRandom($"{name} up"), world.Schedule, world.ToServer);
        Down = new Link(options.Down, world.NewRandom($"{name} down"), world.Schedule, datagram => OnDatagram(world.Now, datagram));
    }

    internal World World { get; }

    internal string Name { get; }

    internal RoomId Room { get; }

    internal TransportId Id { get; }

    internal ClientOptions Options { get; }

    internal static DtlsFingerprint Fingerprint => Certificate.Fingerprint;

    /// <summary>Where it sends from, as the server sees it.</summary>
    internal TransportAddress Address { get; private set; }

    internal IceCredentials Credentials { get; private set; }

    internal IceCredentials ServerCredentials { get; private set; }

    internal Link Up { get; }

    internal Link Down { get; }

    /// <summary>When it was made.</summary>
    internal MediaTime StartedAt { get; }

    /// <summary>When its handshake ended; never before.</summary>
    internal MediaTime ConnectedAt { get; private set; } = MediaTime.Never;

    /// <summary>From its first check to its keys.</summary>
    internal TimeSpan JoinTime => ConnectedAt - StartedAt;

    internal bool IsConnected => !ConnectedAt.IsNever;

    /// <summary>The server said goodbye, or the handshake failed.</summary>
    internal bool IsClosed => _dtls.State is DtlsState.Closed or DtlsState.Failed or DtlsState.FingerprintMismatch;

    /// <summary>It neither sends nor hears any more: its process has ended, or its network.</summary>
    internal bool IsFrozen { get; set; }

    /// <summary>It sends no checks any more; media goes on.</summary>
    internal bool IsSilentOnIce { get; set; }

    internal List<OutgoingTrack> Outgoing { get; } = [];

    internal List<IncomingTrack> Incoming { get; } = [];

    /// <summary>Packets that failed their tag or came before the keys.</summary>
    internal int Refused { get; private set; }

    /// <summary>When it wants to be called.</summary>
    internal MediaTime NextDeadline
    {
        get
        {
            if (IsFrozen) return MediaTime.Never;
            MediaTime next = MediaTime.Min(IsSilentOnIce ? MediaTime.Never : _ice.NextDeadline, NextDtls);
            if (!IsConnected) return next;
            next = MediaTime.Min(next, _rtcp.NextDeadline);
            foreach (OutgoingTrack track in Outgoing) next = MediaTime.Min(next, track.NextDeadline);
            return next;
        }
    }

    private MediaTime NextDtls => _dtls.NextDeadline.IsNever
        ? MediaTime.Never : MediaTime.Max(_dtls.NextDeadline, _lastFlightAt + Options.DtlsResend);

    /// <summary>Runs what is due.</summary>
    internal void OnDeadline(MediaTime now)
    {
        Span<byte> check = stackalloc byte[MaxDatagram];
        if (!IsSilentOnIce && _ice.OnDeadline(now, check) is > 0 and int length) Send(check[..length]);
        if (NextDtls <= now)
        {
            _dtls.OnDeadline(now);
            SendDtls(now);
        }

        if (!IsConnected) return;
        foreach (OutgoingTrack track in Outgoing) track.OnDeadline(now);
        _rtcp.OnDeadline(now);
    }

    /// <summary>The network changed: what leaves from now on comes from elsewhere; what is under way to the old address is lost.</summary>
    /// <param name="now">When.</param>
    /// <param name="address">The new address.</param>
    /// <param name="notices">It notices and checks at once; else with its next check, as behind a rebinding NAT.</param>
    internal void MoveTo(MediaTime now, TransportAddress address, bool notices)
    {
        World.Move(this, Address, address);
        Address = address;
        if (notices) _ice = NewAgent();
        World.Log.Add(now, $"moved {Name}");
    }

    /// <summary>Takes new credentials on both sides and checks anew; DTLS and media go on.</summary>
    internal void RestartIce()
    {
        Credentials = NewCredentials("c");
        ServerCredentials = NewCredentials("s");
        _ice = NewAgent();
    }

    /// <summary>Leaves with a close_notify.</summary>
    internal void Leave(MediaTime now)
    {
        _dtls.Close();
        SendDtls(now);
        IsFrozen = true;
    }

    /// <summary>Protects and sends one RTP packet.</summary>
    internal void SendRtp(ReadOnlySpan<byte> header, byte[] payload, Ssrc ssrc, ulong index)
    {
        Span<byte> packet = stackalloc byte[MaxDatagram + SrtpLimits.MaxOverhead];
        header.CopyTo(packet);
        Send(packet[.._sender!.Protect(packet, header.Length, payload, ssrc, index)]);
    }

    /// <summary>Protects and sends one RTCP compound.</summary>
    internal void SendRtcp(ReadOnlySpan<byte> compound)
    {
        Span<byte> packet = stackalloc byte[MaxDatagram + SrtpLimits.MaxOverhead];
        compound.CopyTo(packet);
        Send(packet[.._sender!.ProtectRtcp(packet, compound.Length)]);
    }

    internal ushort TakeTransportCcNumber() => _transportCcNumber++;

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender?.Dispose();
        _receiver?.Dispose();
        _keys?.Dispose();
        _dtls.Dispose();
        _context.Dispose();
    }

    private void OnDatagram(MediaTime now, Datagram datagram)
    {
        if (IsFrozen || datagram.To != Address) return;
        World.Log.Add(now, $"down {Name} {datagram.Kind}");
        Span<byte> bytes = datagram.Bytes.AsSpan().ToArray();
        switch (datagram.Kind)
        {
            case DatagramKind.Stun:
                OnStun(now, bytes);
                break;
            case DatagramKind.Dtls:
                OnDtls(now, bytes);
                break;
            case DatagramKind.Rtp:
                OnRtp(now, bytes);
                break;
            case DatagramKind.Rtcp:
                OnRtcp(now, bytes);
                break;
        }
    }

    private void OnStun(MediaTime now, ReadOnlySpan<byte> bytes)
    {
        bool wasConnected = _ice.Connected;
        if (_ice.OnStun(now, bytes) != DropReason.None || wasConnected) return;
        if (_dtls.State != DtlsState.New) return;
        _dtls.Start(now);
        SendDtls(now);
    }

    private void OnDtls(MediaTime now, ReadOnlySpan<byte> bytes)
    {
        _dtls.OnDatagram(now, bytes);
        SendDtls(now);
        if (_dtls.State != DtlsState.Connected || IsConnected) return;
        ConnectedAt = now;
        _keys = _dtls.TakeKeys();
        _sender = new SrtpSender(_keys);
        _receiver = new SrtpReceiver(_keys);
        _rtcp.Start(now);
        World.Log.Add(now, $"connected {Name} {_dtls.Profile}");
        foreach (OutgoingTrack track in Outgoing) track.Start(now);
    }

    private void OnRtp(MediaTime now, Span<byte> bytes)
    {
        DropReason reason = RtpHeader.Parse(bytes, out RtpHeader header);
        Assert.Equal(DropReason.None, reason);
        int length = 0;
        if (_receiver is null || (reason = _receiver.Unprotect(bytes, header, bytes, out length)) != DropReason.None)
        {
            // Before our own keys, or doubled by the network; a wrong tag would be the server's fault.
            Assert.NotEqual(DropReason.Authentication, reason);
            Refused++;
            return;
        }

        foreach (IncomingTrack track in Incoming)
        {
            if (track.Ssrc == header.Ssrc)
            {
                track.OnPacket(now, bytes[..length], header, isRepaired: false);
                return;
            }

            if (track.RtxSsrc != header.Ssrc) continue;
            Assert.Equal(DropReason.None, RtxPacket.Undo(bytes[..length], header, MediaFormats.ReceivedVp8, track.Ssrc, out Span<byte> restored));
            Assert.Equal(DropReason.None, RtpHeader.Parse(restored, out RtpHeader original));
            track.OnPacket(now, restored, original, isRepaired: true);
            return;
        }

        Assert.Fail($"{Name} was sent {header.Ssrc}, which it did not ask for");
    }

    private void OnRtcp(MediaTime now, Span<byte> bytes)
    {
        if (_receiver is null) return;
        DropReason reason = _receiver.UnprotectRtcp(bytes, bytes, out int length);
        Assert.NotEqual(DropReason.Authentication, reason);
        if (reason == DropReason.None) _rtcp.OnCompound(now, bytes[..length]);
    }

    private void SendDtls(MediaTime now)
    {
        Span<byte> datagram = stackalloc byte[MaxDatagram];
        while (_dtls.TryTakeOutgoing(datagram, out int length))
        {
            _lastFlightAt = now;
            byte[] bytes = datagram[..length].ToArray();
            foreach (byte[] part in _splitter?.Split(bytes) ?? [bytes]) Send(part);
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (!IsFrozen) Up.Send(World.Now, new Datagram(Address, SimulatedServer.Address, bytes.ToArray()));
    }

    private IceControllingAgent NewAgent() => new(Credentials, ServerCredentials, memory => _random.NextBytes(memory.Span));

    private IceCredentials NewCredentials(string side) => new($"{side}{_random.NextInt64():x16}", $"{_random.NextInt64():x16}{_random.NextInt64():x16}");
}
