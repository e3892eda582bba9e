using Sfu.Media.Rtp;
using Sfu.Router.Overload;
using Sfu.Router.Workers;
using Sfu.Simulation.Clients;

namespace Sfu.Simulation.Scenarios;

/// <summary>A worker that sheds, as its clients see it.</summary>
public sealed class SheddingTests
{
    [Fact]
    public void Shed_AllVideoAndBack_KeepsSoundWholeAndPicturesDecodable() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        var room = new RoomId(world.NextId());
        SimulatedClient a = world.Join(room), b = world.Join(room);
        OutgoingTrack audio = world.Publish(a, MediaKind.Audio), video = world.Publish(a, MediaKind.Video);
        IncomingTrack heard = world.Subscribe(b, audio), seen = world.Subscribe(b, video);
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(3));

        world.Server.Shed(ShedStep.AllVideo);
        world.RunFor(TimeSpan.FromSeconds(1));
        int frames = seen.DecodedFrames;
        world.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(frames, seen.DecodedFrames);
        int requests = video.KeyFrameRequests.Count;
        world.Server.Shed(ShedStep.None);
        world.RunFor(TimeSpan.FromSeconds(3));

        Assert.InRange(seen.DecodedFrames - frames, 85, 91);
        Assert.InRange(video.KeyFrameRequests.Count - requests, 0, 1);
        Assert.InRange(heard.Received, 495, 505);
        Assert.Equal((0, 0), (heard.ShareMissing(newest: 0), seen.ShareMissing(newest: 0)));
        Assert.True(heard.LongestSilence < TimeSpan.FromMilliseconds(25), $"{heard.LongestSilence}");
    });
}
