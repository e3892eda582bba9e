using Sfu.Media.Sdp.Negotiation;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Sdp;

/// <summary>A client is told how much we take of a video track.</summary>
public sealed class BandwidthTests
{
    [Fact]
    public void Build_WithALimit_WritesItInSectionsWeTakeVideoFromOnly()
    {
        ServerDescription server = Negotiate.Server with { MaxTrackBitrate = Bitrate.FromKilobits(4000) };
        OfferView sending = Negotiate.View(SdpVectors.Read("offer-chromium.sdp")), receiving = Negotiate.View(SdpVectors.Read("offer-chromium-recvonly.sdp"));

        string[] published = Negotiate.Answer(sending, server).Description.ToString().Split("m=", StringSplitOptions.None);
        string played = Negotiate.Answer(receiving, server).Description.ToString();

        Assert.All(published, section => Assert.Equal(
            section.StartsWith("video", StringComparison.Ordinal), section.Contains("b=AS:4000\r\nb=TIAS:4000000\r\n", StringComparison.Ordinal)));
        Assert.Contains(published, section => section.StartsWith("video", StringComparison.Ordinal));
        Assert.DoesNotContain("b=", played, StringComparison.Ordinal);
    }
}
