using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sfu.Media.Buffers;
using Sfu.Media.Ice;
using Sfu.Media.Native;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;
using Sfu.Tests;

namespace Sfu.Router.Tests.Workers;

/// <summary>The worker's thread with real sockets on loopback. Every wait is for a condition and ends after ten seconds.</summary>
public sealed class MediaWorkerTests : IDisposable
{
    private static readonly RoomId Room = new(1);
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    [Fact]
    public async Task Start_SaysWhatTheHostGranted()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { Index = 3, TcpPort = 0 });

        WorkerStarted started = await Next<WorkerStarted>(worker);

        Assert.Equal((3, worker.UdpPort, worker.TcpPort), (started.Worker, started.UdpPort, started.TcpPort));
        Assert.True(started is { UdpPort: > 0, TcpPort: > 0, ReceiveBuffer: > 0, SendBuffer: > 0, WantedBuffer: 8 * 1024 * 1024 });
        Assert.Throws<InvalidOperationException>(worker.Start);
    }

    [Theory]
    [InlineData("127.0.0.1", ProtocolType.Udp)]
    [InlineData("::1", ProtocolType.Udp)]
    [InlineData("127.0.0.1", ProtocolType.Tcp)]
    [InlineData("::1", ProtocolType.Tcp)]
    public async Task Join_ByEachWay_Connects(string address, ProtocolType protocol)
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { TcpPort = 0 });
        SocketClient client = Join(worker, 1, address, protocol);

        SocketClient.RunUntil(() => client.IsConnected, client);

        TransportConnected connected = await Next<TransportConnected>(worker);
        Assert.Equal((Room, client.Id), (connected.Room, connected.Transport));
        Assert.Equal(protocol == ProtocolType.Udp ? TransportProtocol.Udp : TransportProtocol.Tcp, connected.Protocol);
    }

    [Theory]
    [InlineData(ProtocolType.Udp, ProtocolType.Udp, SegmentationMode.Auto, false)]
    [InlineData(ProtocolType.Udp, ProtocolType.Udp, SegmentationMode.Off, false)]
    [InlineData(ProtocolType.Udp, ProtocolType.Udp, SegmentationMode.Auto, true)]
    [InlineData(ProtocolType.Udp, ProtocolType.Tcp, SegmentationMode.Auto, false)]
    [InlineData(ProtocolType.Tcp, ProtocolType.Udp, SegmentationMode.Auto, false)]
    public void Media_BetweenTwoClients_ArrivesWholeAndInOrder(ProtocolType from, ProtocolType to, SegmentationMode segmentation, bool refuses)
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { TcpPort = 0, Segmentation = segmentation, RefuseSegmentation = refuses });
        SocketClient sender = Join(worker, 1, "127.0.0.1", from), viewer = Join(worker, 2, "127.0.0.1", to);
        worker.TryPost(new AddProducer(sender.Id, new ProducerId(1), TestRoom.Audio("a")));
        worker.TryPost(new AddConsumer(viewer.Id, new ConsumerId(1), new ProducerId(1), TestRoom.AudioConsumer(0x9001)));
        SocketClient.RunUntil(() => sender.IsConnected && viewer.IsConnected, sender, viewer);

        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        for (int i = 0; i < 200; i++)
        {
            sender.SendRtp(maker.Next([0x78, (byte)i, (byte)~i]), (ulong)(1000 + i));
            int expected = i + 1;
            if (i % 20 == 19) SocketClient.RunUntil(() => viewer.Received.Count == expected, sender, viewer);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)i), viewer.Received.Select(packet => packet[^2]));
    }

    [Theory]
    [InlineData(SegmentationMode.Auto)]
    [InlineData(SegmentationMode.Off)]
    public async Task Media_SentAsMergedMessages_ArrivesWholeAndInOrder(SegmentationMode merging)
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { Merging = merging });
        SocketClient sender = Join(worker, 1, "127.0.0.1", ProtocolType.Udp), viewer = Join(worker, 2, "127.0.0.1", ProtocolType.Udp);
        worker.TryPost(new AddProducer(sender.Id, new ProducerId(1), TestRoom.Audio("a")));
        worker.TryPost(new AddConsumer(viewer.Id, new ConsumerId(1), new ProducerId(1), TestRoom.AudioConsumer(0x9001)));
        SocketClient.RunUntil(() => sender.IsConnected && viewer.IsConnected, sender, viewer);

        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        for (int i = 0; i < 10; i++)
        {
            sender.SendRtpTogether([.. Enumerable.Range(i * 20, 20).Select(k => maker.Next([0x78, (byte)k, .. new byte[200], (byte)~k]))], (ulong)(1000 + i * 20));
            int expected = (i + 1) * 20;
            SocketClient.RunUntil(() => viewer.Received.Count == expected, sender, viewer);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)~i), viewer.Received.Select(packet => packet[^1]));
        WorkerSnapshot snapshot = await WaitFor(worker, latest => latest.PacketsReceived.Sum() == 200);
        long merged = snapshot.DatagramsReceived - snapshot.MessagesReceived;
        Assert.Equal(merging == SegmentationMode.Auto && MergeProbe.Run() ? 190 : 0, merged);
    }

    [Fact]
    public async Task Join_ByTcpForTheSecondWorker_IsHandedOver()
    {
        var handover = new TcpHandover();
        MediaWorker first = StartWorker(new MediaWorkerOptions { Index = 0, TcpPort = 0, TcpHandover = handover });
        MediaWorker second = StartWorker(new MediaWorkerOptions { Index = 1, TcpHandover = handover });
        SocketClient here = Own(SocketClient.Join(first, Room, 1, IPAddress.Loopback, ProtocolType.Tcp));
        SocketClient there = Own(SocketClient.Join(second, Room, 2, IPAddress.Loopback, ProtocolType.Tcp, first.TcpPort));

        SocketClient.RunUntil(() => here.IsConnected && there.IsConnected, here, there);

        Assert.Equal(here.Id, (await Next<TransportConnected>(first)).Transport);
        TransportConnected connected = await Next<TransportConnected>(second);
        Assert.Equal((there.Id, TransportProtocol.Tcp), (connected.Transport, connected.Protocol));
    }

    [Fact]
    public void Tcp_FirstFrameForNobody_IsClosed()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { TcpPort = 0 });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Loopback, worker.TcpPort);
        socket.Send([0, 3, 1, 2, 3]);

        Assert.Equal(0, socket.Receive(new byte[10]));
    }

    [Fact]
    public async Task Dispose_WithClients_TellsThemAndEndsTheEvents()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { TcpPort = 0 });
        SocketClient udp = Join(worker, 1, "127.0.0.1", ProtocolType.Udp), tcp = Join(worker, 2, "127.0.0.1", ProtocolType.Tcp);
        SocketClient.RunUntil(() => udp.IsConnected && tcp.IsConnected, udp, tcp);

        worker.Dispose();

        SocketClient.RunUntil(() => udp.IsClosed && tcp.IsClosed, udp, tcp);
        List<WorkerEvent> events = await ReadToEnd(worker);
        Assert.Equal([TransportCloseReason.Commanded, TransportCloseReason.Commanded], events.OfType<TransportClosed>().Select(closed => closed.Reason));
        Assert.False(worker.TryPost(new CloseRoom(Room)));
        worker.Dispose();                                  // again: nothing
    }

    [Fact]
    public async Task Dispose_NeverStarted_EndsTheEvents()
    {
        var worker = new MediaWorker(new MediaWorkerOptions(), VirtualClient.ServerCertificate);
        worker.Dispose();

        Assert.Empty(await ReadToEnd(worker));
    }

    [Fact]
    public async Task Fault_OutsideOfAnyRoom_ClosesTheTransportsAndSaysSo()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions());
        SocketClient client = Join(worker, 1, "127.0.0.1", ProtocolType.Udp);
        SocketClient.RunUntil(() => client.IsConnected, client);

        worker.TryPost(new RemoveTap(new ProducerId(1), new IdleTap(), () => throw new InvalidOperationException("planted")));

        WorkerFailed failed = await Next<WorkerFailed>(worker, before => Assert.Equal(1, before.OfType<TransportClosed>().Count(closed => closed.Reason == TransportCloseReason.Failed)));
        Assert.Contains("planted", failed.Error, StringComparison.Ordinal);
        SocketClient.RunUntil(() => client.IsClosed, client);
        Assert.False(worker.TryPost(new CloseRoom(Room)));
    }

    [Fact]
    public async Task TryPost_FullMailbox_RefusesAndLosesNothingItTook()
    {
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions(), VirtualClient.ServerCertificate));
        int taken = 0;
        while (worker.TryPost(new OpenTransport(
            Room, new TransportId(taken + 1), new IceCredentials($"srv{taken}", new string('q', 24)), new IceCredentials("cli0", new string('p', 24)), []))) taken++;
        Assert.Equal(4096, taken);

        worker.Start();
        await WaitFor(worker, snapshot => snapshot.Transports == taken);
        Assert.True(worker.TryPost(new CloseRoom(Room)));
        await WaitFor(worker, snapshot => snapshot.Transports == 0);
    }

    [Fact]
    public async Task Latest_AfterASecond_CountsWhatWasReceived()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { Index = 2, TcpPort = 0 });
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.SendTo(new byte[100], new IPEndPoint(IPAddress.Loopback, worker.UdpPort));
        stranger.SendTo(new byte[3], new IPEndPoint(IPAddress.Loopback, worker.UdpPort));

        WorkerSnapshot snapshot = await WaitFor(worker, latest => latest.DatagramsReceived == 2);

        Assert.Equal((2, 0, 0), (snapshot.Worker, snapshot.Rooms, snapshot.Transports));
        Assert.Equal(2, snapshot.Dropped.Sum());
        Assert.InRange(snapshot.BusyRatio, 0, 1);
        Assert.True(snapshot.ReceiveCalls > 0);
    }

    [Fact]
    public async Task Late_HeldByCommandsWhilePacketsWait_ShedsSaysSoAndComesBack()
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { Index = 5, LateAfter = TimeSpan.FromMilliseconds(1) });
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var workerAddress = new IPEndPoint(IPAddress.Loopback, worker.UdpPort);
        WorkerShedChanged? changed = null;
        for (long start = Stopwatch.GetTimestamp(); changed is null && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10);)
        {
            var passed = new ManualResetEventSlim();       // not disposed: the worker may still be in it
            Assert.True(worker.TryPost(new PassBarrier(() =>
            {
                stranger.SendTo(new byte[100], workerAddress);
                for (long from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < TimeSpan.FromMilliseconds(5);) Thread.SpinWait(50);
                passed.Set();
            })));
            Assert.True(passed.Wait(TimeSpan.FromSeconds(10)));
            while (changed is null && worker.Events.TryRead(out WorkerEvent? happened)) changed = happened as WorkerShedChanged;
        }

        Assert.Equal((5, ShedStep.Repairs, ShedCause.PacketAge), (changed?.Worker, changed?.Step, changed?.Cause));
        Assert.InRange(changed!.Busy, 0.5, 1);
        WorkerShedChanged back = await Next<WorkerShedChanged>(worker);
        while (back.Step != ShedStep.None) back = await Next<WorkerShedChanged>(worker);
        Assert.Equal(ShedCause.Recovered, back.Cause);
        WorkerSnapshot snapshot = await WaitFor(worker, latest => latest.ShedStep == ShedStep.None && latest.ShedChanges.Sum() > 1);
        Assert.Equal(1, snapshot.ShedChangesOf(ShedStep.Repairs, ShedCause.PacketAge));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]                                 // whoever works at all is too busy
    public async Task RealTime_BusierThanItMayBe_IsLeft(double upTo, bool isRealTime)
    {
        MediaWorker worker = StartWorker(new MediaWorkerOptions { Scheduling = ThreadPolicy.Fifo, RealTimeUpTo = upTo });

        WorkerSnapshot snapshot = await WaitFor(worker, _ => true);

        ThreadPolicy expected = isRealTime && HostRights.MayBeRealTime ? ThreadPolicy.Fifo : HostRights.MayBeNice ? ThreadPolicy.Nice : ThreadPolicy.Normal;
        Assert.Equal(expected, snapshot.Policy);
        Assert.Equal(expected == ThreadPolicy.Fifo, KernelThread.IsRealTime(worker.ThreadId));
        if (HostRights.MayBeNice) Assert.Equal(ThreadSchedule.Raised, ThreadSchedule.NiceOf(worker.ThreadId));
    }

    [Fact]
    public void Constructor_TcpPortInUse_ThrowsAndFreesTheUdpPort()
    {
        MediaWorker holder = Own(new MediaWorker(new MediaWorkerOptions { TcpPort = 0 }, VirtualClient.ServerCertificate));
        int udpPort;
        using (var probe = new MediaWorker(new MediaWorkerOptions(), VirtualClient.ServerCertificate)) udpPort = probe.UdpPort;

        Assert.Throws<IOException>(() => new MediaWorker(new MediaWorkerOptions { UdpPort = udpPort, TcpPort = holder.TcpPort }, VirtualClient.ServerCertificate));

        using var again = new MediaWorker(new MediaWorkerOptions { UdpPort = udpPort }, VirtualClient.ServerCertificate);
        Assert.Equal(udpPort, again.UdpPort);
    }

    private MediaWorker StartWorker(MediaWorkerOptions options)
    {
        MediaWorker worker = Own(new MediaWorker(options, VirtualClient.ServerCertificate));
        worker.Start();
        return worker;
    }

    private SocketClient Join(MediaWorker worker, long id, string address, ProtocolType protocol) =>
        Own(SocketClient.Join(worker, Room, id, IPAddress.Parse(address), protocol));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Waits for an event of a type; gives those before it to a check.</summary>
    private static async Task<T> Next<T>(MediaWorker worker, Action<List<WorkerEvent>>? check = null)
        where T : WorkerEvent
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        List<WorkerEvent> before = [];
        while (await worker.Events.ReadAsync(timeout.Token) is { } happened)
        {
            if (happened is T wanted)
            {
                check?.Invoke(before);
                return wanted;
            }

            before.Add(happened);
        }

        throw new InvalidOperationException();
    }

    private static async Task<List<WorkerEvent>> ReadToEnd(MediaWorker worker)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        List<WorkerEvent> events = [];
        await foreach (WorkerEvent happened in worker.Events.ReadAllAsync(timeout.Token)) events.Add(happened);
        return events;
    }

    private static async Task<WorkerSnapshot> WaitFor(MediaWorker worker, Func<WorkerSnapshot, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (worker.Latest is not { } latest || !condition(latest)) await timer.WaitForNextTickAsync(timeout.Token);
        return worker.Latest!;
    }

    private sealed class IdleTap : IPacketTap
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
