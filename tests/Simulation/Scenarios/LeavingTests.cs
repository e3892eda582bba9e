using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Clients;

namespace Sfu.Simulation.Scenarios;

/// <summary>The ways out of a room, and when the control plane hears of them.</summary>
public sealed class LeavingTests
{
    [Fact]
    public void ClientVanishes_AfterFifteenSeconds_IsClosedByTimeout() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b) = Connect(world);
        a.IsFrozen = true;
        MediaTime lastHeard = world.Now;

        world.RunFor(TimeSpan.FromSeconds(20));

        (MediaTime at, TransportClosed closed) = Closed(world, a);
        Assert.Equal(TransportCloseReason.Timeout, closed.Reason);
        Assert.InRange(at - lastHeard, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(15.0) + TimeSpan.FromMilliseconds(10));
        Assert.False(IsClosed(world, b));
        Assert.Equal(1, world.Server.Core.TransportCount);
    });

    [Fact]
    public void ClientLeaves_SaysGoodbye_IsClosedAtOnce() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _) = Connect(world);
        a.Leave(world.Now);
        world.RunFor(TimeSpan.FromMilliseconds(11));

        Assert.Equal(TransportCloseReason.ClosedByClient, Closed(world, a).What.Reason);
    });

    [Fact]
    public void ServerCloses_ClientIsTold() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _) = Connect(world);
        world.Server.Execute(new CloseTransport(a.Id));
        world.RunFor(TimeSpan.FromMilliseconds(11));

        Assert.True(a.IsClosed);
        Assert.Equal(TransportCloseReason.Commanded, Closed(world, a).What.Reason);
    });

    [Fact]
    public void RoomCloses_EveryClientIsToldAndNothingIsLeft() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b) = Connect(world);
        world.Server.Execute(new CloseRoom(a.Room));
        world.RunFor(TimeSpan.FromMilliseconds(11));

        Assert.True(a.IsClosed && b.IsClosed);
        Assert.Equal((0, 0), (world.Server.Core.TransportCount, world.Server.Core.Rooms.Count));
        Assert.Equal([0, 0], world.Server.Core.Counters.Producers);
        Assert.Equal([0, 0], world.Server.Core.Counters.Consumers);
    });

    [Fact]
    public void ClientNeverChecks_AfterThirtySeconds_IsClosedByIceTimeout() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = world.Join(new RoomId(world.NextId()));
        client.IsFrozen = true;
        MediaTime opened = world.Now;
        world.RunFor(TimeSpan.FromSeconds(31));

        (MediaTime at, TransportClosed closed) = Closed(world, client);
        Assert.Equal((TransportCloseReason.IceTimeout, TimeSpan.FromSeconds(30)), (closed.Reason, at - opened));
        Assert.Equal(0, world.Server.Core.Rooms.Count);
    });

    [Fact]
    public void ClientChecksButNeverShakesHands_AfterThirtySeconds_IsClosed() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = world.Join(new RoomId(world.NextId()));
        client.Up.Drops = datagram => datagram.Kind == Router.Transport.DatagramKind.Dtls;
        MediaTime opened = world.Now;
        world.RunFor(TimeSpan.FromSeconds(31));

        (MediaTime at, TransportClosed closed) = Closed(world, client);
        Assert.Equal(TransportCloseReason.DtlsFailed, closed.Reason);
        Assert.Equal(TimeSpan.FromSeconds(30) + TimeSpan.FromMilliseconds(10), at - opened);
    });

    [Fact]
    public void HandshakeStops_Halfway_IsClosedByTheParticipantsTimeout() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = world.Join(new RoomId(world.NextId()));
        int dtls = 0;
        client.Up.Drops = datagram => datagram.Kind == Router.Transport.DatagramKind.Dtls && dtls++ > 0;
        world.RunFor(TimeSpan.FromSeconds(1));
        client.IsFrozen = true;
        world.RunFor(TimeSpan.FromSeconds(16));

        Assert.Equal(TransportCloseReason.Timeout, Closed(world, client).What.Reason);
    });

    private static (SimulatedClient A, SimulatedClient B) Connect(World world)
    {
        var room = new RoomId(world.NextId());
        SimulatedClient a = world.Join(room), b = world.Join(room);
        world.Subscribe(b, world.Publish(a, MediaKind.Audio));
        world.Subscribe(a, world.Publish(b, MediaKind.Video));
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(3));
        return (a, b);
    }

    private static bool IsClosed(World world, SimulatedClient client) =>
        world.Server.Events.Exists(e => e.What is TransportClosed closed && closed.Transport == client.Id);

    private static (MediaTime At, TransportClosed What) Closed(World world, SimulatedClient client)
    {
        (MediaTime at, WorkerEvent what) = Assert.Single(world.Server.Events, e => e.What is TransportClosed closed && closed.Transport == client.Id);
        return (at, (TransportClosed)what);
    }
}
