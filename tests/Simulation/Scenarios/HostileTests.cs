using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Clients;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Scenarios;

/// <summary>Threats without keys (docs/threats.md T1, T2, T4, T6, T7, T12, T35). The invariants I1 to I3 are checked at every datagram besides.</summary>
public sealed class HostileTests
{
    [Fact]
    public void T1_T35_HundredThousandForgedPackets_ReachNobodyAndCostTheVictimNothing() => Seeds.Run(count: 1, seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _, IncomingTrack heard, IncomingTrack seen) = Call(world);
        var attacker = new Attacker(world);
        const int rounds = 20_000;                         // in ten seconds: 6,000 forged packets a second from the victim's own address
        for (int i = 0; i < rounds; i++)
        {
            int number = i;
            world.After(TimeSpan.FromSeconds(10.0 * i / rounds), () =>
            {
                attacker.Send(Attacker.Elsewhere(number), attacker.ForgedRtp(heard.Source, 0));
                attacker.Send(Attacker.Elsewhere(number), attacker.ForgedRtcp(seen.Source));
                attacker.Send(a.Address, attacker.ForgedRtp(heard.Source, number % 100));
                attacker.Send(a.Address, attacker.ForgedRtp(seen.Source, number % 100));
                attacker.Send(a.Address, attacker.ForgedRtcp(heard.Source));
            });
        }

        world.RunFor(TimeSpan.FromSeconds(11));

        Assert.Equal(100_000, attacker.Sent);
        Assert.Equal(2 * rounds, world.Server.Dropped(DropReason.UnknownSource));
        Assert.Equal(3 * rounds, Counted(world, DropReason.Authentication, DropReason.Replay, DropReason.TooOld));
        Assert.Equal(0, world.Server.Dropped(DropReason.RateLimited));
        Assert.Equal((0, 0), (heard.ShareMissing(0), seen.ShareMissing(0)));
        Assert.True(heard.LongestSilence <= TimeSpan.FromMilliseconds(25), $"{heard.LongestSilence}");
        Assert.DoesNotContain(world.Server.Events, e => e.What is TransportClosed);
        AssertNothingSentTo(world, Enumerable.Range(0, rounds).Select(Attacker.Elsewhere));
    });

    [Fact]
    public void T1_MediaFromAnotherAddress_NeverMovesTheSession() => Seeds.Run(seed =>
    {
        // What an on-path reader can do: send the victim's genuine packets again from elsewhere, before they arrive themselves.
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b, IncomingTrack heard, _) = Call(world);
        var attacker = new Attacker(world);
        TransportAddress elsewhere = Attacker.Elsewhere(1);
        a.Up.Drops = datagram =>
        {
            if (datagram.Kind is DatagramKind.Rtp or DatagramKind.Rtcp or DatagramKind.Dtls) attacker.Send(elsewhere, datagram.Bytes);
            return false;
        };
        world.RunFor(TimeSpan.FromSeconds(3));

        Assert.True(world.Server.Dropped(DropReason.UnknownSource) >= 150);
        Assert.Equal(0, heard.ShareMissing(0));
        AssertNothingSentTo(world, [elsewhere]);
        Assert.True(b.IsConnected);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void T2_CapturedCheckFromAnotherAddress_IsRefused(int secondsLater) => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _, IncomingTrack heard, _) = Call(world);
        var attacker = new Attacker(world);
        List<byte[]> captured = Capture(a, datagram => datagram.Kind == DatagramKind.Stun);
        world.RunFor(TimeSpan.FromSeconds(6));
        Assert.NotEmpty(captured);
        world.RunFor(TimeSpan.FromSeconds(secondsLater));   // 200 s: eighty checks later

        foreach (byte[] check in captured.Take(2)) attacker.Send(Attacker.Elsewhere(1), check);
        world.RunFor(TimeSpan.FromSeconds(3));

        Assert.Equal(2, world.Server.Dropped(DropReason.Replay));
        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25));
        AssertNothingSentTo(world, [Attacker.Elsewhere(1)]);
    });

    [Fact]
    public void T2_CapturedCheckFromTheVictimsFormerAddress_MovesNothing() => Seeds.Run(seed =>
    {
        // The source may be forged as well: a check from before a move must not move the session back.
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b, IncomingTrack heard, _) = Call(world);
        var attacker = new Attacker(world);
        List<byte[]> captured = Capture(b, datagram => datagram.Kind == DatagramKind.Stun);
        world.RunFor(TimeSpan.FromSeconds(3));
        TransportAddress old = b.Address;
        b.MoveTo(world.Now, world.NextAddress(), notices: true);
        world.RunFor(TimeSpan.FromSeconds(1));
        MediaTime replayedAt = world.Now;

        attacker.Send(old, captured[0]);
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.True(world.Server.Invariants.LastMedia[old] < replayedAt, "media went back to the former address");
        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25));
        Assert.True(a.IsConnected);
    });

    [Fact]
    public void T3_CapturedCheckRepeatedForAVanishedClient_IsNoConsent() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _, _, _) = Call(world);
        var attacker = new Attacker(world);
        List<byte[]> captured = Capture(a, datagram => datagram.Kind == DatagramKind.Stun);
        world.RunFor(TimeSpan.FromSeconds(3));
        a.IsFrozen = true;
        for (int i = 1; i <= 40; i++) world.After(TimeSpan.FromSeconds(i), () => attacker.Send(a.Address, captured[0]));

        world.RunFor(TimeSpan.FromSeconds(20));

        TransportClosed closed = Assert.Single(world.Server.Events.Select(e => e.What).OfType<TransportClosed>());
        Assert.Equal((a.Id, TransportCloseReason.Timeout), (closed.Transport, closed.Reason));
    });

    [Fact]
    public void T2_TenThousandAddressesOfOneParticipant_LeaveEight() => Seeds.Run(count: 1, seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b, IncomingTrack heard, _) = Call(world);
        Random random = world.NewRandom("flood");
        var bytes = new byte[1500];
        for (int i = 0; i < 10_000; i++)
        {
            var agent = new IceControllingAgent(b.Credentials, b.ServerCredentials, memory => random.NextBytes(memory.Span));
            int length = agent.OnDeadline(world.Now, bytes);
            world.ToServer(new Datagram(Attacker.Elsewhere(i), Server.SimulatedServer.Address, bytes[..length]));
        }

        Assert.InRange(world.Server.Core.AddressCount, 2, 2 * IceLiteAgent.MaxAddresses);
        b.MoveTo(world.Now, b.Address, notices: true);
        world.RunFor(TimeSpan.FromSeconds(3));
        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25), "its own next check brings the media back");
        Assert.True(a.IsConnected);
    });

    [Fact]
    public void T4_ChecksNobodyKnows_GetNoAnswer() => Seeds.Run(count: 1, seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b, _, _) = Call(world);
        var attacker = new Attacker(world);
        for (int i = 0; i < 5_000; i++)
        {
            attacker.Send(Attacker.Elsewhere(i), attacker.Check("nobody"));
            attacker.Send(Attacker.Elsewhere(i), attacker.Check(b.ServerCredentials.Ufrag));                           // wrong peer
            attacker.Send(Attacker.Elsewhere(i), attacker.Check(b.ServerCredentials.Ufrag, b.Credentials.Ufrag));      // wrong password
        }

        Assert.Equal(10_000, Counted(world, DropReason.UnknownUfrag));
        Assert.Equal(5_000, Counted(world, DropReason.StunAuthentication, DropReason.RateLimited));
        AssertNothingSentTo(world, Enumerable.Range(0, 5_000).Select(Attacker.Elsewhere));
        Assert.Equal(2, world.Server.Core.AddressCount);
        Assert.True(a.IsConnected);
    });

    [Fact]
    public void T6_BadHellosDuringJoins_EveryJoinEndsConnected() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        TimeSpan plain = Join(world, attack: null);
        var attacker = new Attacker(world);
        for (int i = 0; i < 30; i++)
        {
            int kind = i;
            TimeSpan took = Join(world, client =>
            {
                // Twenty a second, as if from the client itself, from some moment of its join on; and from elsewhere.
                for (int hello = 0; hello < 10; hello++)
                {
                    int number = hello;
                    world.After(TimeSpan.FromMilliseconds(11 + 1.6 * kind + 50 * hello), () =>
                    {
                        byte[] bad = ((kind + number) % 4) switch
                        {
                            0 => Attacker.NullCipherHello(),
                            1 => Attacker.ShortHello(),
                            2 => Attacker.OldVersionHello(),
                            _ => attacker.Garbage(),
                        };
                        attacker.Send(client.Address, bad);
                        attacker.Send(Attacker.Elsewhere(number), bad);
                    });
                }
            });
            Assert.True(took - plain <= TimeSpan.FromMilliseconds(300), $"join {i} took {took}, {plain} without an attack");
        }
    });

    [Fact]
    public void T7_HellosFromAddressesWithoutACheck_GetNothingAndLeaveNothing() => Seeds.Run(count: 1, seed =>
    {
        using var world = new World(seed);
        Call(world);
        byte[] hello = Attacker.Hello();
        var attacker = new Attacker(world);
        for (int i = 0; i < 20_000; i++) attacker.Send(Attacker.Elsewhere(i), hello);

        Assert.Equal(20_000, world.Server.Dropped(DropReason.UnknownSource));
        AssertNothingSentTo(world, Enumerable.Range(0, 20_000).Select(Attacker.Elsewhere));
    });

    [Fact]
    public void I4_DatagramsOfStrangers_AllocateNothing()
    {
        using var world = new World(1);
        (_, SimulatedClient b, _, _) = Call(world);
        var attacker = new Attacker(world);
        byte[][] datagrams =
        [
            attacker.Check("nobody"), attacker.Check(b.ServerCredentials.Ufrag), attacker.Check(b.ServerCredentials.Ufrag, b.Credentials.Ufrag),
            Attacker.Hello(), attacker.Garbage(), attacker.ForgedRtp(b.Outgoing.Count > 0 ? b.Outgoing[0] : world.Clients[0].Outgoing[0], 1), new byte[3], new byte[1500],
        ];
        Router.Workers.WorkerCore core = world.Server.Core;
        SendAll(1000);                                     // jitted, and the rate table's places touched
        long before = GC.GetAllocatedBytesForCurrentThread();

        SendAll(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void SendAll(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                TransportAddress from = Attacker.Elsewhere(i);
                foreach (byte[] datagram in datagrams) core.OnDatagram(world.Now, from, datagram);
                core.EndTurn(world.Now);
            }
        }
    }

    [Fact]
    public void T12_ParticipantWithManySsrcs_IsRefusedBeyondItsShare() => Seeds.Run(count: 1, seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, _, IncomingTrack heard, _) = Call(world);
        Span<byte> header = stackalloc byte[12];
        const int kept = SrtpLimits.MaxSsrcs + SrtpLimits.MaxRetiredSsrcs;
        for (uint i = 0; i < kept + 500; i++)
        {
            var ssrc = new Ssrc(0x7000_0000 + i);
            new RtpHeaderWriter(header, false, payloadType: 77, new SequenceNumber(5), new RtpTimestamp(1), ssrc).Finish();
            a.SendRtp(header, [1, 2, 3], ssrc, 5);
        }

        world.RunFor(TimeSpan.FromSeconds(2));

        Assert.InRange(world.Server.Dropped(DropReason.TooManySsrcs), 500, 500 + 4);      // sound, pictures and reports have windows, too
        Assert.Equal(0, heard.ShareMissing(0));
        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25));
    });

    /// <summary>A sends sound and pictures to B, for a second already.</summary>
    private static (SimulatedClient A, SimulatedClient B, IncomingTrack Heard, IncomingTrack Seen) Call(World world)
    {
        var room = new RoomId(world.NextId());
        SimulatedClient a = world.Join(room), b = world.Join(room);
        IncomingTrack heard = world.Subscribe(b, world.Publish(a, MediaKind.Audio)), seen = world.Subscribe(b, world.Publish(a, MediaKind.Video));
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(1));
        return (a, b, heard, seen);
    }

    private static TimeSpan Join(World world, Action<SimulatedClient>? attack)
    {
        SimulatedClient client = world.Join(new RoomId(world.NextId()));
        attack?.Invoke(client);
        bool isConnected = world.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(10));
        Assert.True(isConnected, $"{client.Name} did not connect:\n{world.Log.Tail}");
        return client.JoinTime;
    }

    private static List<byte[]> Capture(SimulatedClient client, Func<Datagram, bool> which)
    {
        List<byte[]> captured = [];
        client.Up.Drops = datagram =>
        {
            if (which(datagram)) captured.Add(datagram.Bytes);
            return false;
        };
        return captured;
    }

    private static long Counted(World world, params DropReason[] reasons) => reasons.Sum(world.Server.Dropped);

    private static void AssertNothingSentTo(World world, IEnumerable<TransportAddress> addresses) =>
        Assert.All(addresses.Distinct(), address => Assert.Equal(0, world.Server.Invariants.Traffic.GetValueOrDefault(address).Out));
}
