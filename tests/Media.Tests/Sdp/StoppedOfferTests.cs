using System.Text.RegularExpressions;
using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Media.Tests.Sdp;

public sealed class StoppedOfferTests
{
    private static readonly string First = SdpVectors.Read("offer-chromium.sdp");

    [Fact]
    public void TryRead_FirstOfferWithoutLiveSection_IsRefused() =>
        Assert.Equal((SdpErrorCode.Missing, "m"), (Negotiate.Refused(Stop(First)).Code, Negotiate.Refused(Stop(First)).Field));

    [Fact]
    public void TryRead_LaterOfferThatStopsEverything_IsAnsweredWithClosedSections()
    {
        SdpAnswer first = Negotiate.Answer(Negotiate.View(First));

        OfferView stopped = Negotiate.View(Stop(First), first.Session);
        SdpAnswer answer = Negotiate.Answer(stopped);

        Assert.False(stopped.IsIceRestart);
        Assert.Equal(first.Session.RemoteIce, stopped.Ice);
        Assert.Empty(stopped.BundleMids);
        Assert.Empty(answer.Description.Groups);
        Assert.Equal(first.Session.Sections.Count, answer.Description.MediaSections.Count);
        Assert.All(answer.Description.MediaSections, section => Assert.Equal(0, section.Port));
        Assert.Equal(first.Session.Version + 1, answer.Session.Version);
    }

    private static string Stop(string offer) => string.Join("\r\n", offer.Split("\r\n")
        .Where(line => !line.StartsWith("a=group:BUNDLE", StringComparison.Ordinal))
        .Select(line => Regex.Replace(line, "^(m=[a-z]+) [0-9]+ ", "$1 0 ")));
}
