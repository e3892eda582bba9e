using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Transport;

/// <summary>A transport table, an output and transports with real keys, without a worker around them.</summary>
internal sealed class TransportFixture : IDisposable
{
    private readonly DtlsContext _server;
    private readonly List<IDisposable> _owned = [];
    private readonly HostedRoom _room;

    internal TransportFixture(SrtpProfile profile = SrtpProfile.AeadAes128Gcm)
    {
        Profile = profile;
        _server = new DtlsContext(VirtualClient.ServerCertificate, DtlsRole.Server, [profile]);
        Output = new PacketOutput(Sink, Transports, Counters, Batch);
        var context = new RoomContext(new EventOutbox(), Counters, Output, new RoomIndex(), new WallClockAnchor(MediaTime.Zero, 0), 1);
        _room = new HostedRoom(new RoomId(1), 0, new RoomRouter(new RoomId(1), context));
        Output.BeginTurn(Now);
    }

    internal static MediaTime Now => MediaTime.FromSeconds(100);

    internal SrtpProfile Profile { get; }

    internal TransportTable Transports { get; } = new(seed: 7, directory: null);

    internal RouterCounters Counters { get; } = new();

    internal RecordingSink Sink { get; } = new();

    internal SrtpBatch Batch { get; } = SrtpEngine.Best.CreateBatch();

    internal PacketOutput Output { get; }

    /// <summary>A transport that has not been checked yet.</summary>
    internal ParticipantTransport Open()
    {
        int slot = Transports.TakeSlot();
        Output.EnsureSlots(slot + 1);
        (IceCredentials local, IceCredentials remote) = Credentials(slot);
        var transport = new ParticipantTransport(
            slot, _room, new TransportId(slot + 1), new IceLiteAgent(local, remote), new DtlsTransport(_server, [VirtualClient.ServerCertificate.Fingerprint]),
            new TransportTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15)), Now);
        Transports.Add(transport);
        Assert.True(Transports.TryAddUfrag(transport, local.Ufrag));
        _owned.Add(transport);
        return transport;
    }

    /// <summary>A transport that sends to an address, and what its client decrypts with.</summary>
    internal (ParticipantTransport Transport, SrtpReceiver Client) Connect(TransportAddress address)
    {
        ParticipantTransport transport = Open();
        Check(transport, address);
        var context = new DtlsContext(VirtualClient.ServerCertificate, DtlsRole.Client, [Profile]);
        var client = new DtlsTransport(context, [VirtualClient.ServerCertificate.Fingerprint]);
        client.Start(Now);
        Span<byte> datagram = stackalloc byte[1500];
        for (int round = 0; round < 10 && (transport.Sender is null || client.State != DtlsState.Connected); round++)
        {
            while (client.TryTakeOutgoing(datagram, out int length)) transport.OnDtls(Now, datagram[..length]);
            while (transport.Dtls.TryTakeOutgoing(datagram, out int length)) client.OnDatagram(Now, datagram[..length]);
        }

        SrtpKeys keys = client.TakeKeys();
        var receiver = new SrtpReceiver(keys);
        _owned.AddRange([receiver, keys, client, context]);
        return (transport, receiver);
    }

    /// <summary>A valid check from an address nominates it.</summary>
    internal static void Check(ParticipantTransport transport, TransportAddress address)
    {
        (IceCredentials local, IceCredentials remote) = Credentials(transport.Slot);
        byte number = (byte)Interlocked.Increment(ref _checks);
        var agent = new IceControllingAgent(remote, local, bytes => bytes.Span.Fill(number));
        Span<byte> request = stackalloc byte[500];
        Span<byte> response = stackalloc byte[500];
        int length = agent.OnDeadline(Now, request);
        IceOutcome outcome = transport.Ice.OnStun(Now, address, request[..length], response, out _);
        Assert.True(outcome is IceOutcome.SelectedChanged, $"{outcome}");
        transport.OnValidCheck(Now, address);
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
        _room.Router.Dispose();
        _server.Dispose();
        Batch.Dispose();
    }

    private static int _checks;

    private static (IceCredentials Local, IceCredentials Remote) Credentials(int slot) =>
        (new IceCredentials($"srv{slot:000}", new string('q', 24)), new IceCredentials($"cli{slot:000}", new string('p', 24)));
}

/// <summary>Keeps what is committed once it is flushed, checks that runs may be cut as they claim, and can be full or congested.</summary>
internal sealed class RecordingSink : IDatagramSink
{
    private readonly byte[] _memory = GC.AllocateArray<byte>(2 * 1024 * 1024, pinned: true);
    private readonly List<(TransportAddress To, int At, int Length, int Segment, bool IsVideo)> _committed = [];
    private int _tail;
    private int _reserved;
    private int _pending;

    /// <summary>Messages by receiver, cut into datagrams; for TCP the bytes as they are.</summary>
    internal List<(TransportAddress To, byte[][] Datagrams, bool IsVideo)> Messages { get; } = [];

    internal int Flushes { get; private set; }

    /// <summary>Reservations fail while it is true, whatever is flushed.</summary>
    internal bool IsFull { get; set; }

    internal HashSet<TransportAddress> Congested { get; } = [];

    /// <summary>Connections that are of no further use.</summary>
    internal List<TransportAddress> Closed { get; } = [];

    /// <summary>Connections that carried a valid check.</summary>
    internal List<TransportAddress> Authenticated { get; } = [];

    public bool IsFlushDue => _pending >= 64;

    public Span<byte> Reserve(int length)
    {
        Assert.InRange(length, 1, SendSlab.MaxReservation);
        if (IsFull || length > _memory.Length - _tail) return default;
        _reserved = length;
        return _memory.AsSpan(_tail, length);
    }

    public void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        Assert.InRange(length, 1, _reserved);
        Assert.True(segmentLength < length);
        _committed.Add((to, _tail, length, segmentLength == 0 ? length : segmentLength, isVideo));
        _tail += length;
        _reserved = 0;
        _pending++;
    }

    public bool IsCongested(MediaTime now, in TransportAddress to) => Congested.Contains(to);

    public void Flush(MediaTime now)
    {
        Flushes++;
        foreach ((TransportAddress to, int start, int length, int segment, bool isVideo) in _committed)
        {
            ReadOnlySpan<byte> bytes = _memory.AsSpan(start, length);
            List<byte[]> datagrams = [];
            for (int at = 0; at < length; at += segment) datagrams.Add(bytes.Slice(at, Math.Min(segment, length - at)).ToArray());
            Assert.InRange(datagrams.Count, 1, SendSlab.MaxSegments);
            Messages.Add((to, [.. datagrams], isVideo));
        }

        _committed.Clear();
        _tail = _pending = 0;
    }

    public void Close(in TransportAddress connection) => Closed.Add(connection);

    public void OnAuthenticated(in TransportAddress connection) => Authenticated.Add(connection);
}
