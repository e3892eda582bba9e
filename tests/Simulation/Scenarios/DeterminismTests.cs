using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Simulation.Clients;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Scenarios;

/// <summary>Everything below src/Sfu is told the time: a run follows from its seed alone.</summary>
public sealed class DeterminismTests
{
    private static readonly LinkOptions Rough = new()
    {
        Delay = TimeSpan.FromMilliseconds(30),
        Jitter = TimeSpan.FromMilliseconds(15),
        Reorders = true,
        Duplicates = 0.01,
        Loss = () => new BurstLoss(0.02, 0.3),
        Rate = Media.Time.Bitrate.FromKilobits(3000),
    };

    [Fact]
    public void Run_TwiceWithOneSeed_GivesTheSameEvents() => Seeds.Run(seed =>
    {
        (ulong first, long count, IReadOnlyCollection<string> lines) = Run(seed);
        (ulong second, long again, IReadOnlyCollection<string> linesAgain) = Run(seed);

        string parting = lines.Zip(linesAgain).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.First} / {pair.Second}").FirstOrDefault("");
        Assert.True(first == second && count == again, $"{count} and {again} events; the last ones part at {parting}");
        Assert.True(count > 5_000, $"only {count} events:\n{string.Join('\n', lines.TakeLast(60))}");
    });

    [Fact]
    public void Run_WithAnotherSeed_GivesOtherEvents() => Assert.NotEqual(Run(1).Digest, Run(2).Digest);

    private static (ulong Digest, long Count, IReadOnlyCollection<string> Lines) Run(ulong seed)
    {
        using var world = new World(seed);
        var room = new RoomId(world.NextId());
        SimulatedClient[] clients = [.. Enumerable.Range(0, 3).Select(_ => world.Join(room, ClientOptions.With(Rough)))];
        foreach (SimulatedClient from in clients)
        {
            OutgoingTrack audio = world.Publish(from, MediaKind.Audio), video = world.Publish(from, MediaKind.Video);
            foreach (SimulatedClient to in clients)
            {
                if (to == from) continue;
                world.Subscribe(to, audio);
                world.Subscribe(to, video);
            }
        }

        world.RunFor(TimeSpan.FromSeconds(3));
        clients[0].MoveTo(world.Now, world.NextAddress(), notices: true);
        clients[1].IsFrozen = true;
        world.RunFor(TimeSpan.FromSeconds(3));
        return (world.Log.Digest, world.Log.Count, world.Log.Last);
    }
}
