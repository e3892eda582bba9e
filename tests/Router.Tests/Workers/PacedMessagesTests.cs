using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Workers;

/// <summary>Pacing and batching together, on the real worker with real sockets: what is paced leaves several packets per message, and live
/// media of the same viewer does not wait for it.</summary>
[Collection(nameof(WorkPerPacketTests))]
public sealed class PacedMessagesTests : IDisposable
{
    private const int Frames = 20, PacketsPerFrame = 5, FirstLost = 60;
    private const int Rounds = 10, LaterLost = 20;       // a quarter of what is forwarded in a round
    private const uint Video = 0x9001, Rtx = 0x9002;
    private static readonly RoomId Room = new(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CommandTime = TimeSpan.FromMilliseconds(1);   // longer than the worker takes commands in one turn

    private readonly MediaWorker _worker = new(new MediaWorkerOptions { LateAfter = TimeSpan.Zero, HasBurstWindow = false }, VirtualClient.ServerCertificate);
    private readonly RtpMaker _maker = new(0x1111, TestRoom.Vp8Type, "v");
    private readonly SocketClient _sender, _viewer;
    private ulong _index = 1000;
    private ushort _picture;

    public PacedMessagesTests()
    {
        _worker.Start();
        _sender = SocketClient.Join(_worker, Room, 1, IPAddress.Loopback, ProtocolType.Udp);
        _viewer = SocketClient.Join(_worker, Room, 2, IPAddress.Loopback, ProtocolType.Udp);
        _worker.TryPost(new AddProducer(_sender.Id, new ProducerId(1), TestRoom.Video("v")));
        _worker.TryPost(new AddConsumer(_viewer.Id, new ConsumerId(2), new ProducerId(1), TestRoom.VideoConsumer(Video, Rtx)));
        SocketClient.RunUntil(() => _sender.IsConnected && _viewer.IsConnected, _sender, _viewer);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _viewer.Dispose();
        _worker.Dispose();
    }

    /// <summary>A worker that the machine does not let run drops what waits: one round in which it could is enough.</summary>
    [Fact]
    public void Nack_OfManyPackets_LeavesSeveralPerMessage()
    {
        int lost = FirstLost;
        for (int round = 1; round <= Rounds; round++)
        {
            Work work = Repair(Watch()[^lost..]);
            Assert.True(work.Datagrams >= work.Resent);
            SocketClient.RunUntil(() => Repaired() == Counters.Retransmissions, _viewer);
            if (work.Paced >= 10 && work.Datagrams >= 2 * work.Messages) return;
            lost = LaterLost;
            Assert.True(round < Rounds, $"{work}");
        }
    }

    [Fact]
    public void Packet_OfTheSameViewerWhileOthersWait_LeavesInItsTurn()
    {
        SequenceNumber[] lost = Watch()[^FirstLost..];
        int live = Live();
        (long waiting, long forwarded) result = (0, 0);
        var done = new ManualResetEventSlim();             // not disposed: the worker may still be in it
        var held = new ManualResetEventSlim();
        var free = new ManualResetEventSlim();
        Assert.True(_worker.TryPost(new PassBarrier(() =>
        {
            long start = Stopwatch.GetTimestamp();
            held.Set();
            free.Wait(Patience);
            while (Stopwatch.GetElapsedTime(start) < CommandTime) Thread.SpinWait(50);
        })));
        Assert.True(held.Wait(Patience));
        Nack(lost);                                        // both are taken in the turn that follows, behind which the command is run
        SendFrame();
        Assert.True(_worker.TryPost(new PassBarrier(() =>
        {
            result = (Viewer.HasRepairs ? Viewer.Repairs.Count : 0, Counters.PacketsSent[(int)MediaKind.Video] - Counters.Retransmissions);
            done.Set();
        })));
        free.Set();
        Assert.True(done.Wait(Patience));

        SocketClient.RunUntil(() => Live() == live + PacketsPerFrame, _viewer);
        Assert.True(result.waiting > 0);                   // it left before those that were asked for earlier
        Assert.Equal(live + PacketsPerFrame, result.forwarded);
    }

    private RouterCounters Counters => _worker.Core.Counters;

    private RoutedTransport Viewer
    {
        get
        {
            foreach (RoutedTransport transport in _worker.Core.Rooms.Find(Room)!.Router.Transports)
                if (transport.Id == _viewer.Id) return transport;
            throw new InvalidOperationException("The viewer is gone.");
        }
    }

    /// <returns>What the worker did until nothing waited any more.</returns>
    private Work Repair(SequenceNumber[] lost)
    {
        (Work before, long asked) = On(() => (Done(), Counters.NacksReceived));
        Nack(lost);
        SocketClient.RunUntil(() => On(() => Counters.NacksReceived == asked + lost.Length && !Viewer.HasRepairs), _viewer);
        Work after = On(Done);
        return new Work(after.Messages - before.Messages, after.Datagrams - before.Datagrams, after.Resent - before.Resent, after.Paced - before.Paced);
    }

    private Work Done() => new(_worker.MessagesSent, _worker.Calls.Datagrams, Counters.Retransmissions, Counters.RepairsPaced);

    /// <summary>Some video arrives at the viewer, whose link is then said to carry 4 Mbit/s.</summary>
    private SequenceNumber[] Watch()
    {
        for (int frame = 0; frame < Frames; frame++)
        {
            int expected = Live() + PacketsPerFrame;
            SendFrame();
            SocketClient.RunUntil(() => Live() == expected, _viewer);
        }

        On(() => Viewer.PacingRate = Bitrate.FromKilobits(4000));
        return [.. _viewer.Received.Select(packet => Parse(packet)).Where(header => header.Ssrc.Value == Video).Select(header => header.SequenceNumber)];
    }

    private void SendFrame()
    {
        for (int i = 0; i < PacketsPerFrame; i++)
        {
            byte[] payload = Vp8Maker.Payload(_picture, (byte)_picture, isKey: _picture == 0, isStart: i == 0, length: 1100);
            _sender.SendRtp(_maker.Next(payload, marker: i == PacketsPerFrame - 1), _index++);
        }

        _picture++;
        _maker.Timestamp += 3000;
    }

    private void Nack(SequenceNumber[] numbers)
    {
        var writer = new RtcpWriter(new byte[1200]);
        Assert.True(writer.WriteNack(new Ssrc(1), new Ssrc(Video), numbers, out _));
        _viewer.SendRtcp(writer.Written);
    }

    private int Live() => _viewer.Received.Count(packet => Parse(packet).Ssrc.Value == Video);

    private int Repaired() => _viewer.Received.Count(packet => Parse(packet).Ssrc.Value == Rtx);

    private static RtpHeader Parse(byte[] packet)
    {
        Assert.Equal(Media.DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        return header;
    }

    /// <summary>Asks on the worker's thread.</summary>
    private T On<T>(Func<T> ask)
    {
        T answer = default!;
        var done = new ManualResetEventSlim();
        Assert.True(_worker.TryPost(new PassBarrier(() =>
        {
            answer = ask();
            done.Set();
        })));
        Assert.True(done.Wait(Patience));
        return answer;
    }

    private readonly record struct Work(long Messages, long Datagrams, long Resent, long Paced);
}
