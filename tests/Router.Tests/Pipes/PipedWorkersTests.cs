using System.Net;
using System.Net.Sockets;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Tests.Workers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>Two workers' threads with real sockets on loopback and a pipe between them.</summary>
public sealed class PipedWorkersTests : IDisposable
{
    private const int Packets = 100;
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    [Fact]
    public void Media_FromOneWorkerToAnother_ArrivesWholeInOrderAndEndsWithEither()
    {
        MediaWorker origin = StartWorker(0), edge = StartWorker(1);
        SocketClient sender = Join(origin, new RoomId(1), 1), viewer = Join(edge, new RoomId(2), 2);
        var pipe = new Pipe(origin, edge);
        var channel = new PipeChannel(pipe, new ProducerId(1), new ProducerId(2));
        origin.TryPost(new AddProducer(sender.Id, channel.Origin, TestRoom.Audio("a")));
        edge.TryPost(new AddPipedProducer(new RoomId(2), sender.Id, channel, TestRoom.Audio("a")));
        edge.TryPost(new AddConsumer(viewer.Id, new ConsumerId(1), channel.Edge, TestRoom.AudioConsumer(0x9001)));
        SocketClient.RunUntil(() => sender.IsConnected && viewer.IsConnected, sender, viewer);

        Pass(edge);                                        // it has asked the origin to open the pipe
        Pass(origin);
        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        ulong index = 1000;
        for (int i = 0; i < Packets; i++)
        {
            sender.SendRtp(maker.Next([0x78, (byte)i, (byte)~i]), index++);
            int expected = i + 1;
            SocketClient.RunUntil(() => viewer.Received.Count == expected, sender, viewer);     // each wakes a worker that sleeps
        }

        Assert.Equal(Enumerable.Range(0, Packets).Select(i => (byte)i), viewer.Received.Select(packet => packet[^2]));
        edge.Dispose();
        for (int i = 0; i < Packets; i++) sender.SendRtp(maker.Next([0x78, 2, 2]), index++);
        Assert.False(pipe.Ring.IsFreed);                   // the origin still writes
        origin.Dispose();
        Assert.True(pipe.Ring.IsFreed);
    }

    /// <summary>Waits until the worker has done what it was told.</summary>
    private static void Pass(MediaWorker worker)
    {
        using var passed = new ManualResetEventSlim();
        Assert.True(worker.TryPost(new PassBarrier(passed.Set)));
        Assert.True(passed.Wait(TimeSpan.FromSeconds(10)), "the worker does nothing");
    }

    private MediaWorker StartWorker(int index)
    {
        var worker = new MediaWorker(
            new MediaWorkerOptions { Index = index, BindAddress = IPAddress.Loopback, UdpPort = 0, TcpPort = -1 }, VirtualClient.ServerCertificate);
        _owned.Add(worker);
        worker.Start();
        return worker;
    }

    private SocketClient Join(MediaWorker worker, RoomId room, long id)
    {
        SocketClient client = SocketClient.Join(worker, room, id, IPAddress.Loopback, ProtocolType.Udp);
        _owned.Add(client);
        return client;
    }
}
