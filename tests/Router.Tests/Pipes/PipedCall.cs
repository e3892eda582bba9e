using Sfu.Media.Dtls;
using Sfu.Media.Rtcp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>One room over two workers without sockets, in virtual time: the publishers are on <see cref="Origin"/>, viewers on both.</summary>
internal sealed class PipedCall : IDisposable
{
    private readonly DtlsContext _context = new(VirtualClient.ServerCertificate, DtlsRole.Server, [SrtpProfile.AeadAes128Gcm]);
    private long _nextId = 1000;

    /// <summary>Connects the clients of both workers.</summary>
    public PipedCall(int atOrigin, int atEdge)
    {
        Origin = new PipedWorker(this, _context, new RoomId(1), 1, atOrigin);
        Edge = new PipedWorker(this, _context, new RoomId(2), 51, atEdge);
        Pipe = new Pipe(Origin, Edge);
        for (int round = 0; round < 200 && !(Origin.IsConnected && Edge.IsConnected); round++)
        {
            foreach (PipedWorker worker in Workers)
                foreach (PipedClient client in worker.Clients) client.Virtual.Run(Now);
            Advance(5);
        }

        Assert.True(Origin.IsConnected && Edge.IsConnected);
    }

    public PipedWorker Origin { get; }

    public PipedWorker Edge { get; }

    public Pipe Pipe { get; set; }

    public MediaTime Now { get; private set; } = MediaTime.FromSeconds(10);

    private IEnumerable<PipedWorker> Workers => [Origin, Edge];

    public ProducerId NewProducer() => new(_nextId++);

    public ConsumerId NewConsumer() => new(_nextId++);

    /// <summary>Publishes on the origin.</summary>
    public ProducerId Publish(PipedClient from, ProducerParameters parameters, Sfu.Media.Buffers.RecorderLease? lease = null, Sfu.Media.Buffers.IPacketTap? tap = null)
    {
        ProducerId id = NewProducer();
        Origin.Execute(new AddProducer(from.Virtual.Id, id, parameters, lease, tap));
        return id;
    }

    /// <summary>Opens a channel for a track.</summary>
    public PipeChannel Connect(PipedClient publisher, ProducerId producer, ProducerParameters parameters)
    {
        var channel = new PipeChannel(Pipe, producer, NewProducer());
        Edge.Execute(new AddPipedProducer(Edge.Room, publisher.Virtual.Id, channel, parameters));
        return channel;
    }

    public ConsumerId Subscribe(PipedWorker worker, PipedClient to, ProducerId producer, ConsumerParameters parameters)
    {
        ConsumerId id = NewConsumer();
        worker.Execute(new AddConsumer(to.Virtual.Id, id, producer, parameters));
        return id;
    }

    /// <summary>Runs turns until nothing waits between the workers.</summary>
    public void Settle()
    {
        for (int i = 0; i < 8; i++)
            foreach (PipedWorker worker in Workers) worker.Turn(Now);
    }

    /// <summary>Lets time pass in steps of a millisecond.</summary>
    public void Advance(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Now += TimeSpan.FromMilliseconds(1);
            foreach (PipedWorker worker in Workers) worker.Turn(Now);
        }
    }

    /// <summary>Lets time pass, and nobody do anything.</summary>
    public void Pass(int milliseconds) => Now += TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Sends a packet of a client of either worker, and lets it arrive.</summary>
    public void Send(PipedClient from, byte[] packet, int milliseconds = 1)
    {
        from.SendRtp(Now, packet);
        Advance(milliseconds);
    }

    public void SendRtcp(PipedClient from, RtcpWriterAction write)
    {
        var writer = new RtcpWriter(new byte[1200]);
        write(ref writer);
        from.Virtual.SendRtcp(Now, writer.Written);
        Settle();
    }

    public void Dispose()
    {
        foreach (PipedWorker worker in Workers) worker.Dispose();
        _context.Dispose();
    }
}
