using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Simulation.Clients;

namespace Sfu.Simulation.Scenarios;

/// <summary>Late joiners, many joiners, mute.</summary>
public sealed class KeyFrameTests
{
    [Fact]
    public void LateJoiner_AsksOnceAndDecodesWithinAFrameAndTheRoundTrips() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, OutgoingTrack video, RoomId room) = Publish(world);
        world.RunFor(TimeSpan.FromSeconds(5));
        int before = video.KeyFrameRequests.Count;
        SimulatedClient late = world.Join(room);
        IncomingTrack seen = world.Subscribe(late, video);
        world.ConnectAll();
        MediaTime connected = late.ConnectedAt;

        bool decodes = world.RunUntil(() => seen.DecodedFrames > 0, TimeSpan.FromSeconds(1));

        Assert.True(decodes, "no picture within a second");
        // The request to the sender, its next frame (30 a second), the way to the viewer.
        Assert.True(seen.FirstDecodedAt - connected <= TimeSpan.FromMilliseconds(10 + 34 + 20), $"{seen.FirstDecodedAt - connected}");
        Assert.Equal(before + 1, video.KeyFrameRequests.Count);
    });

    [Fact]
    public void TwentyJoins_WithinASecond_CauseAtMostTwoPlis() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, OutgoingTrack video, RoomId room) = Publish(world);
        world.RunFor(TimeSpan.FromSeconds(5));
        int before = video.KeyFrameRequests.Count;
        Random random = world.NewRandom("joins");
        List<IncomingTrack> seen = [];
        for (int i = 0; i < 20; i++)
            world.After(TimeSpan.FromSeconds(random.NextDouble()), () => seen.Add(world.Subscribe(world.Join(room), video)));

        world.RunFor(TimeSpan.FromSeconds(3));

        Assert.Equal(20, seen.Count);
        Assert.All(seen, track => Assert.True(track.DecodedFrames > 0, "a viewer sees nothing"));
        Assert.InRange(video.KeyFrameRequests.Count - before, 1, 2);
    });

    [Fact]
    public void KeyFrameRequest_LostOnTheWay_IsRepeated() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient sender, OutgoingTrack video, RoomId room) = Publish(world);
        world.RunFor(TimeSpan.FromSeconds(5));
        SimulatedClient late = world.Join(room);
        IncomingTrack seen = world.Subscribe(late, video);
        world.ConnectAll();
        MediaTime until = world.Now + TimeSpan.FromMilliseconds(100);
        sender.Down.Drops = _ => world.Now < until;

        Assert.True(world.RunUntil(() => seen.DecodedFrames > 0, TimeSpan.FromSeconds(1.5)));
    });

    [Fact]
    public void Mute_ByTheServer_StopsAndResumesWithAKeyFrameAndWithoutAGap() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient sender, OutgoingTrack video, RoomId room) = Publish(world);
        OutgoingTrack audio = world.Publish(sender, MediaKind.Audio);
        SimulatedClient viewer = world.Join(room);
        IncomingTrack seen = world.Subscribe(viewer, video), heard = world.Subscribe(viewer, audio);
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(2));

        Mute(world, true, video, audio);
        world.RunFor(TimeSpan.FromMilliseconds(20));
        (int frames, int packets) = (seen.Received, heard.Received);
        world.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal((frames, packets), (seen.Received, heard.Received));
        Assert.True(world.Server.Dropped(DropReason.Muted) > 250);

        Mute(world, false, video, audio);
        int shown = seen.DecodedFrames;
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.InRange(seen.DecodedFrames - shown, 57, 61);
        Assert.InRange(heard.Received - packets, 95, 101);
        Assert.Equal((0, 0), (seen.ShareMissing(0), heard.ShareMissing(0)));
    });

    [Fact]
    public void Pause_ByTheViewer_StopsOnlyForIt() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, OutgoingTrack video, RoomId room) = Publish(world);
        IncomingTrack paused = world.Subscribe(world.Join(room), video), other = world.Subscribe(world.Join(room), video);
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(2));

        world.Server.Execute(new SetConsumerPreferences(paused.Id, Paused: true));
        world.RunFor(TimeSpan.FromMilliseconds(20));
        int before = paused.Received, otherBefore = other.DecodedFrames;
        world.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(before, paused.Received);
        Assert.InRange(other.DecodedFrames - otherBefore, 89, 91);

        world.Server.Execute(new SetConsumerPreferences(paused.Id, Paused: false));
        int shown = paused.DecodedFrames;
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.InRange(paused.DecodedFrames - shown, 57, 61);
        Assert.Equal(0, paused.ShareMissing(0));
    });

    private static (SimulatedClient Sender, OutgoingTrack Video, RoomId Room) Publish(World world)
    {
        var room = new RoomId(world.NextId());
        SimulatedClient sender = world.Join(room);
        OutgoingTrack video = world.Publish(sender, MediaKind.Video);
        world.ConnectAll();
        return (sender, video, room);
    }

    private static void Mute(World world, bool isMuted, params OutgoingTrack[] tracks)
    {
        foreach (OutgoingTrack track in tracks) world.Server.Execute(new SetProducerMuted(track.Id, isMuted));
    }
}
