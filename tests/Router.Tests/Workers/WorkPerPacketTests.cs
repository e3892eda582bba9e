using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sfu.Media.Srtp;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Workers;

/// <summary>What a forwarded packet costs on the real worker with real sockets, in work and not in time: system calls, ciphers, bytes
/// allocated. A time depends on the machine; these do not.</summary>
/// <remarks>The worker is held in a command while a burst arrives, so that it finds all of it at once. The least of several bursts counts: in
/// the others a report was due as well. Alone, because a collection caused by another test's garbage counts as allocated.</remarks>
[Collection(nameof(WorkPerPacketTests))]
[CollectionDefinition(nameof(WorkPerPacketTests), DisableParallelization = true)]
public sealed class WorkPerPacketTests : IDisposable
{
    private const int Viewers = 50;
    private const int WarmUp = 5;
    private const int Bursts = 15;
    private static readonly RoomId Room = new(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CommandTime = TimeSpan.FromMilliseconds(1);   // longer than the worker takes commands in one turn

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(6);  // longer than the pause between two looks for feedback

    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    // LateAfter is zero here and below: a worker that a test holds is late, and sheds.
    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, 1, true)]
    [InlineData(SrtpProfile.AeadAes128Gcm, 5, true)]
    [InlineData(SrtpProfile.AeadAes128Gcm, 5, false)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80, 5, true)]
    public void Burst_ToFiftyViewers_CostsFewCallsOneCipherEachAndNoMemory(SrtpProfile profile, int packets, bool isWholePicture)
    {
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions { LateAfter = TimeSpan.Zero }, VirtualClient.ServerCertificate));
        worker.Start();
        SocketClient sender = Join(worker, 1, profile);
        SocketClient[] viewers = [.. Enumerable.Range(2, Viewers).Select(id => Join(worker, id, profile))];
        worker.TryPost(new AddProducer(sender.Id, new ProducerId(1), TestRoom.Audio("a")));
        foreach (SocketClient viewer in viewers)
            worker.TryPost(new AddConsumer(viewer.Id, new ConsumerId(viewer.Id.Value), new ProducerId(1), TestRoom.AudioConsumer(0x9001)));
        SocketClient[] all = [sender, .. viewers];
        SocketClient.RunUntil(() => all.All(client => client.IsConnected), all);

        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        var work = new List<Work>();
        for (int burst = 0; burst < WarmUp + Bursts; burst++)
        {
            int expected = (burst + 1) * packets;
            int first = 1000 + burst * packets;
            Work one = Hold(worker, () =>
            {
                for (int i = 0; i < packets; i++) sender.SendRtp(maker.Next([0x78, .. new byte[1159]], marker: isWholePicture && i == packets - 1), (ulong)(first + i));
            });
            SocketClient.RunUntil(() => viewers.All(viewer => viewer.Received.Count == expected), viewers);
            if (burst >= WarmUp) work.Add(one);
        }

        int forwarded = Viewers * packets;
        Assert.Equal(forwarded, Least(work, one => one.Datagrams));
        Assert.Equal(forwarded, Least(work, one => one.Sealed));      // one cipher each
        Assert.Equal(packets, Least(work, one => one.Opened));
        Assert.Equal(isWholePicture ? 1 : 2, Least(work, one => one.Receives));   // the whole burst; a picture's other parts are looked for once more
        Assert.InRange(Least(work, one => one.Sends), 1, 4);          // sixteen receivers a call, each with its packets in one message
        Assert.Equal(1, Least(work, one => one.Waits));
        Assert.InRange(work.Max(one => one.Looks), 0, 1);             // for feedback, with what else there is to do
        Assert.Equal(0, Least(work, one => one.Allocated));
    }

    /// <summary>A viewer by TCP that takes nothing: once its queue is full it costs no system call, and the others get what they got without it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Burst_WithAStuckTcpViewer_CostsTheUdpViewersNothing(bool hasStuckViewer)
    {
        const int viewersByUdp = 10, packets = 5, filling = 200;
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions { TcpPort = 0, LateAfter = TimeSpan.Zero }, VirtualClient.ServerCertificate));
        worker.Start();
        SocketClient sender = Join(worker, 1, SrtpProfile.AeadAes128Gcm);
        SocketClient[] viewers = [.. Enumerable.Range(2, viewersByUdp).Select(id => Join(worker, id, SrtpProfile.AeadAes128Gcm))];
        SocketClient[] stuck = hasStuckViewer ? [Own(SocketClient.Join(worker, Room, 100, IPAddress.Loopback, ProtocolType.Tcp))] : [];
        worker.TryPost(new AddProducer(sender.Id, new ProducerId(1), TestRoom.Audio("a")));
        SocketClient[] all = [sender, .. viewers, .. stuck];
        foreach (SocketClient viewer in all[1..])
            worker.TryPost(new AddConsumer(viewer.Id, new ConsumerId(viewer.Id.Value), new ProducerId(1), TestRoom.AudioConsumer(0x9001)));
        SocketClient.RunUntil(() => all.All(client => client.IsConnected), all);

        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        int sent = 0;
        void SendBurst()
        {
            for (int i = 0; i < packets; i++) sender.SendRtp(maker.Next([0x78, .. new byte[1159]], marker: i == packets - 1), (ulong)(1000 + sent++));
        }

        for (int burst = 0; burst < filling; burst++)      // 1,000 packets: more than its socket and its queue hold
        {
            SendBurst();
            SocketClient.RunUntil(() => viewers.All(viewer => viewer.Received.Count == sent), viewers);
        }

        Assert.Equal(hasStuckViewer, worker.TcpSendCalls > 0);      // it was sent something while there was room
        var work = new List<Work>();
        for (int burst = 0; burst < Bursts; burst++)
        {
            work.Add(Hold(worker, SendBurst));
            SocketClient.RunUntil(() => viewers.All(viewer => viewer.Received.Count == sent), viewers);
        }

        Assert.Equal(viewersByUdp * packets, Least(work, one => one.Datagrams));
        Assert.Equal(1, Least(work, one => one.Sends));
        Assert.Equal(0, Least(work, one => one.TcpSends));
        Assert.Equal(1, Least(work, one => one.Waits));
        Assert.Equal(1, Least(work, one => one.Receives));
        Assert.Equal(0, Least(work, one => one.Allocated));
    }

    [Fact]
    public void Feedback_OfFiftyViewers_WakesNobodyAndIsReadTogether()
    {
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions { LateAfter = TimeSpan.Zero }, VirtualClient.ServerCertificate));
        worker.Start();
        SocketClient[] viewers = [.. Enumerable.Range(2, Viewers).Select(id => Join(worker, id, SrtpProfile.AeadAes128Gcm))];
        SocketClient.RunUntil(() => viewers.All(client => client.IsConnected), viewers);
        byte[] feedback = [0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0];

        var work = new List<Work>();
        for (int round = 0; round < WarmUp + Bursts; round++)
        {
            work.Add(Hold(worker, () => Array.ForEach(viewers, viewer => viewer.SendRtcp(feedback)), BetweenLooks));
        }

        Work best = work.Skip(WarmUp).MinBy(one => (one.Waits, one.Receives, one.Looks, one.Allocated));
        Assert.Equal(Viewers, best.Opened);
        Assert.Equal((1, 0, 1), (best.Waits, best.Receives, best.Looks));   // the wait ended for the command, not for the feedback
        Assert.Equal(0, best.Allocated);
    }

    [Fact]
    public void Feedback_NothingElseToDo_IsReadAllTheSame()
    {
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions { LateAfter = TimeSpan.Zero }, VirtualClient.ServerCertificate));
        worker.Start();
        SocketClient viewer = Join(worker, 2, SrtpProfile.AeadAes128Gcm);
        SocketClient.RunUntil(() => viewer.IsConnected, viewer);
        viewer.SendRtcp([0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0]);

        SocketClient.RunUntil(() => worker.Ciphers.Opened == 1, viewer);
    }

    // Without a deadline of its own feedback would wait for the snapshot that the worker takes each second.
    [Fact]
    public void Feedback_AfterOther_IsNotLeftToTheSnapshot()
    {
        MediaWorker worker = Own(new MediaWorker(new MediaWorkerOptions(), VirtualClient.ServerCertificate));
        worker.Start();
        SocketClient viewer = Join(worker, 2, SrtpProfile.AeadAes128Gcm);
        SocketClient.RunUntil(() => viewer.IsConnected, viewer);
        int snapshots = 0;
        object? latest = null;
        for (int round = 1; round <= 2 * Bursts; round++)
        {
            viewer.SendRtcp([0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0]);
            SocketClient.RunUntil(() => worker.Ciphers.Opened == round);
            if (round > 1 && !ReferenceEquals(latest, worker.Latest)) snapshots++;
            latest = worker.Latest;
        }

        Assert.InRange(snapshots, 0, Bursts / 3);            // other timers wake the worker too, three times a second at most
    }

    /// <summary>Does something while the worker is held in a command, for some time at least.</summary>
    /// <returns>What the worker does from the end of that command to the one that it finds in its mailbox after the next turn.</returns>
    private static Work Hold(MediaWorker worker, Action meanwhile, TimeSpan atLeast = default)
    {
        var held = new ManualResetEventSlim();             // not disposed: the worker may still be in them
        var free = new ManualResetEventSlim();
        var done = new ManualResetEventSlim();
        Work before = default;
        Work after = default;
        Assert.True(worker.TryPost(new PassBarrier(() =>
        {
            long start = Stopwatch.GetTimestamp();
            held.Set();
            free.Wait(Patience);
            TimeSpan time = atLeast > CommandTime ? atLeast : CommandTime;
            while (Stopwatch.GetElapsedTime(start) < time) Thread.SpinWait(50);
            before = Work.Of(worker);
        })));
        Assert.True(held.Wait(Patience));
        Assert.True(worker.TryPost(new PassBarrier(() =>
        {
            after = Work.Of(worker);
            done.Set();
        })));
        meanwhile();
        free.Set();
        Assert.True(done.Wait(Patience));
        return after.Since(before);
    }

    private static long Least(List<Work> work, Func<Work, long> part) => work.Min(part);

    private SocketClient Join(MediaWorker worker, long id, SrtpProfile profile) =>
        Own(SocketClient.Join(worker, Room, id, IPAddress.Loopback, ProtocolType.Udp, profile: profile));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private readonly record struct Work(long Waits, long Receives, long Looks, long Sends, long TcpSends, long Datagrams, long Opened, long Sealed, long Allocated)
    {
        public static Work Of(MediaWorker worker)
        {
            (long waits, long receives, long looks, long sends, long datagrams) = worker.Calls;
            (long opened, long sealedCount) = worker.Ciphers;
            return new Work(waits, receives, looks, sends, worker.TcpSendCalls, datagrams, opened, sealedCount, GC.GetAllocatedBytesForCurrentThread());
        }

        public Work Since(Work before) => new(
            Waits - before.Waits, Receives - before.Receives, Looks - before.Looks, Sends - before.Sends, TcpSends - before.TcpSends, Datagrams - before.Datagrams,
            Opened - before.Opened, Sealed - before.Sealed, Allocated - before.Allocated);
    }
}
