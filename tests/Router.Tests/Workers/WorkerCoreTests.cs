using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Tests.Transport;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Workers;

/// <summary>Commands, datagrams and faults of a worker without sockets. Whole calls are in tests/Simulation.</summary>
public sealed class WorkerCoreTests : IWorkerEventSink, IDisposable
{
    private static readonly RoomId Room = new(1);
    private static readonly IceCredentials Server = new("srv1", "server-password-000000"), Client = new("cli1", "client-password-000000");
    private static readonly TransportAddress Somewhere = TransportAddress.FromIPv4(0x0A00_0002, 5000);

    private readonly DtlsContext _dtls = new(VirtualClient.ServerCertificate, DtlsRole.Server, [SrtpProfile.AeadAes128Gcm]);
    private readonly RecordingSink _sink = new();
    private readonly UfragList _ufrags = new();
    private readonly List<WorkerEvent> _events = [];
    private readonly WorkerCore _core;
    private MediaTime _now = MediaTime.FromSeconds(50);
    private byte _transactions;

    public WorkerCoreTests()
    {
        var timeouts = new TransportTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15));
        _core = new WorkerCore(new WorkerCoreOptions(timeouts, 1, 1, _ufrags), _dtls, _sink, this, () => new WallClockAnchor(_now, 0));
    }

    void IWorkerEventSink.Post(WorkerEvent workerEvent) => _events.Add(workerEvent);

    public void Dispose()
    {
        _core.Dispose();
        _dtls.Dispose();
    }

    [Theory]
    [InlineData(0, DropReason.Truncated)]
    [InlineData(11, DropReason.Truncated)]
    [InlineData(12, DropReason.UnknownProtocol)]
    [InlineData(1500, DropReason.UnknownProtocol)]
    [InlineData(1501, DropReason.TooLong)]
    [InlineData(2048, DropReason.TooLong)]
    public void OnDatagram_AnyLength_IsCountedOnce(int length, DropReason expected)
    {
        var datagram = new byte[length];
        Array.Fill(datagram, (byte)0x50);

        _core.OnDatagram(_now, Somewhere, datagram);

        Assert.Equal(1, _core.Counters.Dropped[(int)expected]);
        Assert.Equal(1, _core.Counters.Dropped.Sum());
    }

    [Fact]
    public void OnDatagram_EveryFirstByteFromAStranger_IsCountedAndNeverAnswered()
    {
        Open(1, Server);
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(0, 1600)];
            random.NextBytes(datagram);
            if (datagram.Length > 0) datagram[0] = (byte)i;
            _core.OnDatagram(_now, Somewhere, datagram);
            _core.EndTurn(_now);
        }

        Assert.Equal(20_000, _core.Counters.Dropped.Sum());
        Assert.Empty(_sink.Messages);
    }

    [Fact]
    public void Execute_CommandsForIdsThatAreGone_AreCounted()
    {
        bool isDetached = false;
        WorkerCommand[] commands =
        [
            new CloseTransport(new TransportId(9)), new RestartIce(new TransportId(9), Server, Client), new CloseRoom(Room),
            new AddProducer(new TransportId(9), new ProducerId(1), TestRoom.Audio("a")), new RemoveProducer(new ProducerId(1)),
            new SetProducerMuted(new ProducerId(1), true), new RemoveConsumer(new ConsumerId(1)), new SetConsumerPreferences(new ConsumerId(1), true),
            new RemoveTap(new ProducerId(1), new ThrowingTap(), () => isDetached = true),
        ];

        foreach (WorkerCommand command in commands) Execute(command);

        Assert.Equal(commands.Length, _core.StaleCommands);
        Assert.True(isDetached, "whoever waits for the tap to be detached must not wait for ever");
        Assert.Empty(_events);
    }

    [Fact]
    public void Execute_OpenWithATakenUserName_ClosesTheNewcomerAlone()
    {
        Open(1, Server);
        Open(2, Server);

        Assert.Equal(new TransportClosed(Room, new TransportId(2), TransportCloseReason.Failed), Assert.Single(_events));
        Assert.Equal(1, _core.TransportCount);
        Assert.True(_core.HasUfrag("srv1"u8));
        Assert.Single(_core.Rooms.Find(Room)!.Router.Transports);       // the room has forgotten it, too
    }

    [Fact]
    public void Execute_OpenWithATakenId_IsRefusedAndTheWorkerLives()
    {
        Open(1, Server);
        Open(1, new IceCredentials("srv2", "server-password-000002"));

        Assert.Equal(1, _core.StaleCommands);
        Assert.Equal(1, _core.TransportCount);
        Assert.False(_core.HasUfrag("srv2"u8));
    }

    [Fact]
    public void Execute_OpenThatBreaks_EndsItsRoomAlone()
    {
        Open(1, Server);
        Execute(new OpenTransport(new RoomId(2), new TransportId(2), null!, Client, []));

        Assert.Equal(new TransportClosed(new RoomId(2), new TransportId(2), TransportCloseReason.Failed), _events[0]);
        Assert.IsType<RoomFailed>(_events[1]);
        Assert.Equal((1, 1, 2), (_core.Rooms.Count, _core.TransportCount, _events.Count));
        Open(3, new IceCredentials("srv3", Server.Password));           // its slot is free again
        Assert.Equal(2, _core.TransportCount);
    }

    [Fact]
    public void Execute_OpenThenClose_TellsTheDirectoryAndFreesTheRoom()
    {
        Open(1, Server);
        Assert.Equal(["+srv1"], _ufrags.Heard);
        Execute(new CloseTransport(new TransportId(1)));

        Assert.Equal(["+srv1", "-srv1"], _ufrags.Heard);
        Assert.Equal((0, 0), (_core.TransportCount, _core.Rooms.Count));
        Assert.Equal(MediaTime.Never, _core.NextDeadline);
    }

    [Fact]
    public void Execute_SecondRestart_GivesUpTheFirst()
    {
        Open(1, Server);
        Execute(new RestartIce(new TransportId(1), new IceCredentials("srv2", "server-password-000002"), Client));
        Execute(new RestartIce(new TransportId(1), new IceCredentials("srv3", "server-password-000003"), Client));

        Assert.Equal((false, true, true), (_core.HasUfrag("srv1"u8), _core.HasUfrag("srv2"u8), _core.HasUfrag("srv3"u8)));
    }

    [Fact]
    public void OnDatagram_ValidCheckByTcp_MakesTheConnectionKnown()
    {
        Open(1, Server);
        TransportAddress connection = Connection(1);

        Check(connection);

        Assert.Equal([connection], _sink.Authenticated);
        byte[] answer = Assert.Single(_sink.Messages).Datagrams[0];
        Assert.Equal(answer.Length - 2, answer[0] << 8 | answer[1]);    // RFC 4571
    }

    [Fact]
    public void OnDatagram_MoreConnectionsThanATransportMayHave_ClosesTheOldest()
    {
        // One participant could else hold every place for ICE-TCP that the worker has.
        Open(1, Server);
        for (int i = 1; i <= 12; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Check(Connection(i));
        }

        Assert.Equal([.. Enumerable.Range(1, 4).Select(Connection)], _sink.Closed);
        Execute(new CloseTransport(new TransportId(1)));
        Assert.Equal(Enumerable.Range(1, 12).Select(Connection), _sink.Closed.Order(Comparer<TransportAddress>.Create((a, b) => a.Port - b.Port)));
    }

    [Fact]
    public void OnDatagram_CheckFromAnAddressThatAnotherTransportUses_IsRefusedForFiveSeconds()
    {
        Open(1, Server);
        Open(2, new IceCredentials("srv2", Server.Password));
        Check(Somewhere);

        Check(Somewhere, "srv2");
        Assert.Equal(1, _core.Counters.Dropped[(int)DropReason.StunUnexpected]);
        _now += TimeSpan.FromSeconds(5);
        Check(Somewhere, "srv2");

        Assert.Equal(1, _core.Counters.Dropped[(int)DropReason.StunUnexpected]);
        Assert.Equal(2, _sink.Messages.Count);
    }

    [Fact]
    public void OnDatagram_FloodOfChecksWithAKnownName_IsCutBeforeTheHashes()
    {
        Open(1, Server);
        byte[] forged = Request(new IceCredentials("srv1", "not-the-password-00000"));
        for (int i = 0; i < 5000; i++) _core.OnDatagram(_now, Somewhere, [.. forged]);

        Assert.Equal(SourceRateTable.PerSecond, _core.Counters.Dropped[(int)DropReason.StunAuthentication]);
        Assert.Equal(5000 - SourceRateTable.PerSecond, _core.Counters.Dropped[(int)DropReason.RateLimited]);
        Assert.Empty(_sink.Messages);
    }

    [Fact]
    public void OnDatagram_TapThatThrows_EndsItsRoomAlone()
    {
        using var call = new VirtualCall(2, SrtpProfile.AeadAes128Gcm);
        call.Execute(new AddProducer(call.Clients[0].Id, new ProducerId(1), TestRoom.Audio("a")));
        call.Execute(new AddTap(new ProducerId(1), new ThrowingTap()));
        using var other = new VirtualClient(
            call.Core, new RoomId(2), new TransportId(77), VirtualClient.ServerCertificate.Fingerprint, SrtpProfile.AeadAes128Gcm, call.Now);
        var packet = new RtpMaker(0x2222, TestRoom.OpusType, "a");

        call.Clients[0].SendRtp(call.Now, packet.Next([0x78, 1]), 1000);
        call.Core.EndTurn(call.Now);

        Assert.Equal((1, 1), (call.Core.Rooms.Count, call.Core.TransportCount));
        RoomFailed failed = Assert.Single(call.Events.OfType<RoomFailed>());
        Assert.Contains(nameof(ThrowingTap), failed.Error, StringComparison.Ordinal);
        Assert.Equal(2, call.Events.OfType<TransportClosed>().Count(closed => closed is { Room.Value: 1, Reason: TransportCloseReason.Failed }));
    }

    [Fact]
    public void CloseAll_SeveralRooms_ClosesEveryTransportOnce()
    {
        for (int i = 1; i <= 9; i++)
            Execute(new OpenTransport(new RoomId(i % 3), new TransportId(i), new IceCredentials($"srv{i}", Server.Password), Client, []));

        _core.CloseAll(_now, TransportCloseReason.Commanded);
        _core.EndTurn(_now);

        Assert.Equal(Enumerable.Range(1, 9), _events.Cast<TransportClosed>().Select(closed => (int)closed.Transport.Value).Order());
        Assert.Equal((0, 0), (_core.TransportCount, _core.Rooms.Count));
    }

    [Fact]
    public void EndTurn_ManyHandshakes_TakesOneStepEachTurn()
    {
        // A step costs up to a millisecond: fifty hellos at once must not stall the calls of the worker for fifty.
        Open(1, Server);
        Check(Somewhere);
        for (int i = 0; i < 10; i++) _core.OnDatagram(_now, Somewhere, Garbage());
        Assert.Equal(MediaTime.Zero, _core.NextDeadline);
        int turns = 0;
        for (; _core.NextDeadline == MediaTime.Zero; turns++) _core.EndTurn(_now);

        Assert.Equal(10, turns);
    }

    private static TransportAddress Connection(int number) => TransportAddress.FromIPv4(0x0A00_0003, (ushort)(6000 + number), TransportProtocol.Tcp, number);

    private static byte[] Garbage()
    {
        var garbage = new byte[40];
        garbage[0] = 23;
        return garbage;
    }

    private void Open(long id, IceCredentials local) => Execute(new OpenTransport(Room, new TransportId(id), local, Client, []));

    private void Execute(WorkerCommand command)
    {
        _core.Execute(_now, command);
        _core.EndTurn(_now);
    }

    private void Check(TransportAddress from, string ufrag = "srv1")
    {
        _core.OnDatagram(_now, from, Request(new IceCredentials(ufrag, Server.Password)));
        _core.EndTurn(_now);
    }

    private byte[] Request(IceCredentials server)
    {
        byte number = ++_transactions;
        var agent = new IceControllingAgent(Client, server, bytes => bytes.Span.Fill(number));
        var request = new byte[300];
        return request[..agent.OnDeadline(_now, request)];
    }

    private sealed class UfragList : IUfragDirectory
    {
        public List<string> Heard { get; } = [];

        public void Add(string ufrag) => Heard.Add($"+{ufrag}");

        public void Remove(string ufrag) => Heard.Add($"-{ufrag}");
    }

    private sealed class ThrowingTap : IPacketTap
    {
        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired) => throw new InvalidOperationException($"{nameof(ThrowingTap)} is broken");

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
