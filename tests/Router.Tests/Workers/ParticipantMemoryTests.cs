using Sfu.Media.Srtp;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Xunit.Abstractions;

namespace Sfu.Router.Tests.Workers;

/// <summary>What the worker keeps of each participant, counted exactly: live managed bytes and bytes taken from malloc (OpenSSL, keys, rings),
/// as the difference between many and few participants, so that what exists once does not count.</summary>
/// <remarks>Alone: other tests allocate too. docs/performance.md states these figures.</remarks>
[Collection(nameof(ParticipantMemoryTests))]
[CollectionDefinition(nameof(ParticipantMemoryTests), DisableParallelization = true)]
public sealed class ParticipantMemoryTests(ITestOutputHelper output)
{
    private const int Steps = 5;
    private static readonly ProducerId Video = new(1), Audio = new(2);

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, true)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80, true)]
    [InlineData(SrtpProfile.AeadAes128Gcm, false)]
    public void Viewer_OfSoundAndPictures_CostsTheWorkerLittle(SrtpProfile profile, bool takesRtx)
    {
        using var call = new MemoryCall(profile);
        using VirtualClient sender = call.Connect();
        call.Execute(new AddProducer(sender.Id, Video, TestRoom.Video("v")));
        call.Execute(new AddProducer(sender.Id, Audio, TestRoom.Audio("a")));
        var sound = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        var pictures = new SentPictures(new RtpMaker(0x1111, TestRoom.Vp8Type, "v"), 5, 1160);

        MemoryUse each = MemoryUse.Median(Steps, 20, () =>
        {
            for (int i = 0; i < 20; i++) call.JoinViewer(Video, Audio, takesRtx);
            call.Play(sender, 2, sound, pictures);
        });

        output.WriteLine($"{profile}, RTX {takesRtx}: {each}");
        Assert.InRange(each.Managed, 1000, 24_000);
        Assert.InRange(each.Native, 1000, 8_000);
    }

    [Fact]
    public void Publisher_OfSimulcastWithItsRings_CostsTheWorkerLessThanStated()
    {
        using var call = new MemoryCall(SrtpProfile.AeadAes128Gcm);
        int published = 0;
        MemoryUse each = MemoryUse.Median(Steps, 2, () =>
        {
            for (int i = 0; i < 2; i++) Publish(call, published++);
        });

        output.WriteLine($"{each}");
        Assert.InRange(each.Total, 300_000, 1_500_000);
    }

    [Fact]
    public void Participants_JoiningAndLeaving_LeaveNothingBehind()
    {
        using var call = new MemoryCall(SrtpProfile.AeadAes128Gcm);
        for (int round = 0; round < 10; round++) ComeAndGo(call);

        MemoryUse each = MemoryUse.Median(Steps, 10 * 10, () =>
        {
            for (int round = 0; round < 10; round++) ComeAndGo(call);
        });

        output.WriteLine($"{each}");
        Assert.Equal(0, call.Core.TransportCount);
        Assert.InRange(each.Managed, long.MinValue, 200);
        Assert.InRange(each.Native, long.MinValue, 400);
    }

    /// <summary>A publisher of 3.5 Mbps in three encodings and of sound; nothing of its client is left here.</summary>
    private static void Publish(MemoryCall call, int number)
    {
        using VirtualClient client = call.Connect();
        call.Execute(new AddProducer(client.Id, new ProducerId(100 + number), TestRoom.Video("v", "l", "m", "h")));
        call.Execute(new AddProducer(client.Id, new ProducerId(200 + number), TestRoom.Audio("a")));
        call.Play(
            client, 4, new RtpMaker(0x20, TestRoom.OpusType, "a"),
            new SentPictures(new RtpMaker(0x10, TestRoom.Vp8Type, "v", "l"), 1, 700),
            new SentPictures(new RtpMaker(0x11, TestRoom.Vp8Type, "v", "m"), 3, 900),
            new SentPictures(new RtpMaker(0x12, TestRoom.Vp8Type, "v", "h"), 10, 1100));
    }

    private static void ComeAndGo(MemoryCall call)
    {
        using VirtualClient sender = call.Connect();
        call.Execute(new AddProducer(sender.Id, Video, TestRoom.Video("v")));
        call.Execute(new AddProducer(sender.Id, Audio, TestRoom.Audio("a")));
        var viewers = new List<TransportId>();
        for (int i = 0; i < 9; i++) viewers.Add(call.JoinViewer(Video, Audio));
        call.Play(sender, 1, new RtpMaker(0x2222, TestRoom.OpusType, "a"), new SentPictures(new RtpMaker(0x1111, TestRoom.Vp8Type, "v"), 5, 1160));
        foreach (TransportId viewer in viewers) call.Execute(new CloseTransport(viewer));
        call.Execute(new CloseTransport(sender.Id));
    }
}
