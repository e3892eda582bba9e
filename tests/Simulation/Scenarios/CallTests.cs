using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Simulation.Clients;

namespace Sfu.Simulation.Scenarios;

/// <summary>Two transports and one room on a good link.</summary>
public sealed class CallTests
{
    [Fact]
    public void Call_AudioAndVideo_ArriveIntactAndComplete() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        var room = new RoomId(world.NextId());
        SimulatedClient a = world.Join(room), b = world.Join(room);
        OutgoingTrack audio = world.Publish(a, MediaKind.Audio), video = world.Publish(a, MediaKind.Video);
        IncomingTrack heard = world.Subscribe(b, audio), seen = world.Subscribe(b, video);
        world.ConnectAll();

        world.RunFor(TimeSpan.FromSeconds(10));

        Assert.InRange(heard.Received, 495, 505);
        Assert.InRange(seen.DecodedFrames, 298, 301);
        Assert.Equal(0, heard.ShareMissing(newest: 0));
        Assert.Equal(0, seen.ShareMissing(newest: 0));
        Assert.Equal((0, 0), (heard.Duplicates, seen.Duplicates));
        Assert.True(seen.LongestFreeze < TimeSpan.FromMilliseconds(35), $"{seen.LongestFreeze}");
        Assert.InRange(video.KeyFrameRequests.Count, 0, 1);
        Assert.Empty(world.Strayed);
    });
}
