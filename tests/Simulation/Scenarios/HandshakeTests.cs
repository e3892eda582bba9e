using Sfu.Media.Srtp;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Clients;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Scenarios;

/// <summary>ICE and DTLS over links that lose, reorder and cut, to the millisecond.</summary>
public sealed class HandshakeTests
{
    private static readonly TimeSpan MaxCost = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BrowserTimer = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SlowTimer = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(5)]
    [InlineData(25)]
    public void Join_WithoutLoss_TakesThreeRoundTrips(int oneWay) => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = Join(world, BrowserTimer, oneWay);

        // Check and answer, ClientHello and the server's flight, the client's flight and the final one.
        Assert.Equal(TimeSpan.FromMilliseconds(6 * oneWay), client.JoinTime);
    });

    [Theory]
    [InlineData(5, 50)]
    [InlineData(20, 50)]
    [InlineData(5, 1000)]
    [InlineData(20, 1000)]
    public void Join_AnyOneServerFlightLost_CostsAtMost100Ms(int oneWay, int clientTimer) => Seeds.Run(seed =>
    {
        TimeSpan timer = TimeSpan.FromMilliseconds(clientTimer);
        TimeSpan plain = JoinTime(seed, timer, oneWay, loses: _ => false, out int flights);
        Assert.Equal(2, flights);

        for (int lost = 0; lost < flights; lost++)
        {
            int number = lost;
            TimeSpan took = JoinTime(seed, timer, oneWay, flight => flight == number, out _);
            Assert.True(took - plain <= MaxCost, $"losing server flight {number} costs {took - plain}");
            Assert.True(took > plain, $"server flight {number} was not needed");
        }
    });

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void Join_AnyOneClientFlightLost_CostsAtMost100Ms(int oneWay) => Seeds.Run(seed =>
    {
        TimeSpan plain = JoinTime(seed, BrowserTimer, oneWay, loses: _ => false, out _);
        for (int lost = 0; lost < 2; lost++)
        {
            using var world = new World(seed);
            int number = lost, sent = 0;
            SimulatedClient client = Join(world, BrowserTimer, oneWay, prepare: client =>
                client.Up.Drops = datagram => datagram.Kind == DatagramKind.Dtls && sent++ == number);

            Assert.True(client.JoinTime - plain <= MaxCost, $"losing client flight {number} costs {client.JoinTime - plain}");
        }
    });

    [Fact]
    public void Join_FirstChecksLost_CostsOneCheckIntervalEach() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        int checks = 0;
        SimulatedClient client = Join(world, BrowserTimer, 10, prepare: client =>
            client.Up.Drops = datagram => datagram.Kind == DatagramKind.Stun && checks++ < 3);

        Assert.Equal(TimeSpan.FromMilliseconds(60 + 3 * 50), client.JoinTime);
    });

    [Fact]
    public void Join_HelloInTwoFragmentsThatSwap_CostsNothing() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = JoinSplit(world, (position, _) => position == 0 ? TimeSpan.FromMilliseconds(3) : TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromMilliseconds(63), client.JoinTime);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Join_OneFragmentOfTheHelloLost_CostsAtMost100Ms(int lost) => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        SimulatedClient client = JoinSplit(world, (position, attempt) => position == lost && attempt == 0 ? null : TimeSpan.Zero);

        Assert.True(client.JoinTime <= TimeSpan.FromMilliseconds(60) + MaxCost, $"{client.JoinTime}");
    });

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void Join_ClientWithOneProfile_GetsIt(SrtpProfile profile)
    {
        using var world = new World(1);
        SimulatedClient client = world.Join(new RoomId(world.NextId()), new ClientOptions { Profiles = [profile] });
        world.ConnectAll();

        TransportConnected connected = Assert.Single(world.Server.Events.Select(e => e.What).OfType<TransportConnected>());
        Assert.Equal((client.Id, profile), (connected.Transport, connected.Profile));
    }

    [Fact]
    public void Join_TwoPercentLossAt50MsRoundTrip_NinetyNinePercentTakeAtMost1500Ms()
    {
        // p99 of joins. A hundred clients of one seed are a hundred draws.
        Seeds.Run(count: 1, seed =>
        {
            using var world = new World(seed);
            var room = new RoomId(world.NextId());
            for (int i = 0; i < 100; i++)
                world.After(TimeSpan.FromMilliseconds(40 * i), () => world.Join(room, ClientOptions.With(LinkOptions.Good.After(25).Losing(0.02))));
            world.RunFor(TimeSpan.FromSeconds(10));

            TimeSpan[] times = [.. world.Clients.Select(client => client.IsConnected ? client.JoinTime : TimeSpan.MaxValue).Order()];
            Assert.Equal(100, times.Length);
            Assert.True(times[98] <= TimeSpan.FromMilliseconds(1500), $"p99 {times[98]}, longest {times[99]}");
            Assert.True(times[50] <= TimeSpan.FromMilliseconds(300), $"median {times[50]}");
        });
    }

    [Fact]
    public void Join_AThirdOfEverythingLost_StillEndsConnected() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        var room = new RoomId(world.NextId());
        for (int i = 0; i < 5; i++) world.Join(room, ClientOptions.With(LinkOptions.Good.Losing(0.33)));

        world.ConnectAll();
    });

    private static SimulatedClient Join(World world, TimeSpan timer, int oneWay, Action<SimulatedClient>? prepare = null)
    {
        LinkOptions link = LinkOptions.Good.After(oneWay);
        SimulatedClient client = world.Join(new RoomId(world.NextId()), new ClientOptions { Up = link, Down = link, DtlsResend = timer });
        prepare?.Invoke(client);
        world.ConnectAll();
        return client;
    }

    /// <summary>Joins while the server's DTLS flights for which <paramref name="loses"/> is true are lost whole; a flight is what leaves in one turn.</summary>
    private static TimeSpan JoinTime(ulong seed, TimeSpan timer, int oneWay, Func<int, bool> loses, out int flights)
    {
        using var world = new World(seed);
        int flight = -1;
        long turn = -1;
        SimulatedClient joined = Join(world, timer, oneWay, prepare: client => client.Down.Drops = datagram =>
        {
            if (datagram.Kind != DatagramKind.Dtls) return false;
            if (turn != world.Server.Turn) flight++;
            turn = world.Server.Turn;
            return loses(flight);
        });
        flights = flight + 1;
        return joined.JoinTime;
    }

    /// <summary>Joins with a ClientHello in two fragments, each delayed or (null) lost by its position and attempt.</summary>
    private static SimulatedClient JoinSplit(World world, Func<int, int, TimeSpan?> fate)
    {
        SimulatedClient client = world.Join(new RoomId(world.NextId()), new ClientOptions { SplitsHello = true });
        int fragments = 0;
        client.Up.Drops = datagram =>
        {
            bool isHello = datagram.Kind == DatagramKind.Dtls && datagram.Bytes[13] == 1 && datagram.Bytes[4] == 0;
            if (!isHello) return false;
            int number = fragments++;
            if (fate(number % 2, number / 2) is { } delay && delay > TimeSpan.Zero)
                world.After(LinkOptions.Good.Delay + delay, () => world.ToServer(datagram));
            else return fate(number % 2, number / 2) is null;
            return true;
        };
        world.ConnectAll();
        Assert.InRange(fragments, 2, 4);
        return client;
    }
}
