using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Clients;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Scenarios;

/// <summary>Calls in which anything may happen at any time, one for each seed; the invariants are checked at every datagram.</summary>
public sealed class RandomCallTests
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(4);

    [Fact]
    public void AnyCall_KeepsTheInvariantsAndEndsInOrder() => Seeds.Run(Seeds.Runs, seed =>
    {
        using var world = new World(seed);
        new Call(world).Run();
    });

    /// <summary>One random call: up to six clients in two rooms on random links.</summary>
    private sealed class Call(World world)
    {
        private const int MostClients = 6;
        private const int Operations = 40;

        private readonly Random _random = world.NewRandom("call");
        private readonly RoomId[] _rooms = [new(world.NextId()), new(world.NextId())];
        private readonly List<SimulatedClient> _here = [];
        private readonly List<OutgoingTrack> _muted = [];

        internal void Run()
        {
            var attacker = new Attacker(world);
            for (int i = 0; i < Operations; i++)
            {
                Operate(attacker);
                world.RunFor(TimeSpan.FromMilliseconds(_random.Next(0, 400)));
            }

            AssertLiveTracksFlow();
            AssertEmptiesOut();
        }

        private void Operate(Attacker attacker)
        {
            switch (_random.Next(12))
            {
                case 0 or 1 or 2:
                    Join();
                    break;
                case 3 or 4:
                    Publish();
                    break;
                case 5:
                    Leave(vanishes: _random.Next(2) == 0);
                    break;
                case 6:
                    Mute();
                    break;
                case 7 when Pick(_here) is { } mover:
                    mover.MoveTo(world.Now, world.NextAddress(), notices: _random.Next(2) == 0);
                    break;
                case 8 when Pick(_here) is { } restarter:
                    world.RestartIce(restarter);
                    break;
                case 9 when Pick(Tracks()) is { } unpublished:
                    Unpublish(unpublished);
                    break;
                case 10 when Pick(_here) is { } victim:
                    Attack(attacker, victim);
                    break;
                default:
                    RandomLink();
                    break;
            }
        }

        private void Join()
        {
            if (_here.Count == MostClients) return;
            SimulatedClient client = world.Join(_rooms[_random.Next(2)], new ClientOptions { Up = Link(), Down = Link(), SplitsHello = _random.Next(3) == 0 });
            _here.Add(client);
            foreach (OutgoingTrack track in Tracks().Where(track => RoomOf(track) == client.Room).ToArray()) world.Subscribe(client, track);
        }

        private void Publish()
        {
            if (Pick(_here) is not { } client || client.Outgoing.Count == 3) return;
            OutgoingTrack track = world.Publish(client, (MediaKind)_random.Next(2));
            foreach (SimulatedClient other in _here)
                if (other != client && other.Room == client.Room) world.Subscribe(other, track);
        }

        private void Unpublish(OutgoingTrack track)
        {
            SimulatedClient owner = _here.Find(client => client.Outgoing.Contains(track))!;
            track.Stop();
            owner.Outgoing.Remove(track);
            world.Server.Execute(new RemoveProducer(track.Id));
        }

        private void Leave(bool vanishes)
        {
            if (Pick(_here) is not { } client) return;
            _here.Remove(client);
            if (vanishes) client.IsFrozen = true;
            else if (client.IsConnected) client.Leave(world.Now);
            else Close(client);
        }

        private void Close(SimulatedClient client)
        {
            client.IsFrozen = true;
            world.Server.Execute(new CloseTransport(client.Id));
        }

        private void Mute()
        {
            if (Pick(Tracks()) is not { } track) return;
            bool isMuted = _muted.Remove(track);
            if (!isMuted) _muted.Add(track);
            world.Server.Execute(new SetProducerMuted(track.Id, !isMuted));
        }

        private void Attack(Attacker attacker, SimulatedClient victim)
        {
            for (int i = 0; i < 20; i++)
            {
                TransportAddress from = _random.Next(2) == 0 ? victim.Address : Attacker.Elsewhere(_random.Next(200));
                byte[] datagram = _random.Next(3) switch
                {
                    0 when victim.Outgoing.Count > 0 => attacker.ForgedRtp(victim.Outgoing[0], _random.Next(50)),
                    1 => attacker.Check(victim.ServerCredentials.Ufrag, victim.Credentials.Ufrag),
                    _ => attacker.Garbage(),
                };
                attacker.Send(from, datagram);
            }
        }

        private void RandomLink()
        {
            if (Pick(_here) is not { } client) return;
            client.Up.Options = Link();
            client.Down.Options = Link();
        }

        /// <summary>When everybody's link is good again, everything that is published and not muted arrives at everybody in the room.</summary>
        private void AssertLiveTracksFlow()
        {
            foreach (SimulatedClient client in _here) client.Up.Options = client.Down.Options = LinkOptions.Good;
            world.RunFor(Calm);
            foreach (SimulatedClient client in _here)
            {
                Assert.True(client.IsConnected, $"{client.Name} did not connect:\n{world.Log.Tail}");
                foreach (IncomingTrack track in client.Incoming)
                {
                    bool isLive = _here.Exists(other => other.Outgoing.Contains(track.Source)) && !_muted.Contains(track.Source);
                    if (!isLive) continue;
                    TimeSpan silence = world.Now - track.LastAt;
                    Assert.True(silence <= TimeSpan.FromMilliseconds(100), $"{client.Name} hears nothing of track {track.Source.Number} for {silence}:\n{world.Log.Tail}");
                    Assert.True(track.Source.Kind == MediaKind.Audio || world.Now - track.LastShownAt <= TimeSpan.FromSeconds(1), $"{client.Name} sees a frozen track {track.Source.Number}");
                }
            }
        }

        /// <summary>When everybody has gone, one way or another, the server holds nothing and has said so once for each.</summary>
        private void AssertEmptiesOut()
        {
            foreach (SimulatedClient client in _here) Close(client);
            world.RunFor(TimeSpan.FromSeconds(40));
            WorkerCore core = world.Server.Core;
            Assert.Equal((0, 0, 0), (core.TransportCount, core.Rooms.Count, core.AddressCount));
            Assert.Equal([0, 0], core.Counters.Producers);
            Assert.Equal([0, 0], core.Counters.Consumers);
            Assert.Equal(MediaTime.Never, core.NextDeadline);
            Assert.Equal(
                world.Clients.Select(client => client.Id.Value).Order(),
                world.Server.Events.Select(e => e.What).OfType<TransportClosed>().Select(closed => closed.Transport.Value).Order());
            Assert.Equal(0, world.Server.Dropped(DropReason.SendQueueFull));
        }

        private LinkOptions Link() => new()
        {
            Delay = TimeSpan.FromMilliseconds(_random.Next(1, 80)),
            Jitter = TimeSpan.FromMilliseconds(_random.Next(0, 20)),
            Reorders = _random.Next(2) == 0,
            Duplicates = _random.Next(3) == 0 ? 0.02 : 0,
            Loss = _random.Next(4) switch
            {
                0 => () => new PlainLoss(0.05),
                1 => () => new BurstLoss(0.01, 0.2),
                _ => null,
            },
        };

        private List<OutgoingTrack> Tracks() => [.. _here.SelectMany(client => client.Outgoing)];

        private RoomId RoomOf(OutgoingTrack track) => _here.Find(client => client.Outgoing.Contains(track))!.Room;

        private T? Pick<T>(List<T> list)
            where T : class => list.Count == 0 ? null : list[_random.Next(list.Count)];
    }
}
