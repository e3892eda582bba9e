using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Srtp;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.WarmUp;

namespace Sfu.Router.Tests.WarmUp;

public sealed class WarmUpCallTests
{
    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, MediaCodec.Vp8)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80, MediaCodec.H264)]
    public void Run_SecondsOfMedia_ReachEveryViewer(SrtpProfile profile, MediaCodec video)
    {
        using var call = new WarmUpCall(VirtualClient.ServerCertificate, profile, video);

        call.Run(media: TimeSpan.FromSeconds(10), quiet: TimeSpan.FromSeconds(1));
        call.Run(media: TimeSpan.FromSeconds(10), quiet: TimeSpan.FromSeconds(1));

        Assert.InRange(call.Published, 3980, 4020);
        Assert.True(call.ReceivedBy(0) >= call.Published, $"{call.ReceivedBy(0)} of {call.Published}");
        Assert.InRange(call.ReceivedBy(2), 900, 1100);     // paused: sound alone
        Assert.Equal([], Drops(call));
        (long nacksIn, long nacksOut, long resent, long keyFrameRequests) = call.Feedback;
        Assert.True(nacksIn > 0 && nacksOut > 0 && resent > 0 && keyFrameRequests > 0, $"{call.Feedback}");
    }

    private static IEnumerable<(DropReason, long)> Drops(WarmUpCall call) =>
        call.Dropped.Select((count, reason) => ((DropReason)reason, count)).Where(drop => drop.count > 0);

    [Fact]
    public void Run_Quiet_GoesOnWithoutMedia()
    {
        using var call = new WarmUpCall(VirtualClient.ServerCertificate, SrtpProfile.AeadAes128Gcm, MediaCodec.Vp8);

        call.Run(media: TimeSpan.FromSeconds(1), quiet: TimeSpan.FromMinutes(10));
        long before = call.ReceivedBy(0);
        call.Run(media: TimeSpan.FromSeconds(1), quiet: TimeSpan.Zero);

        Assert.True(call.ReceivedBy(0) >= before + 195, "nobody has timed out");
        Assert.Equal([], Drops(call));
    }
}
