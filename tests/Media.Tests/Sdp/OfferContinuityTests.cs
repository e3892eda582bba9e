using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Later offers on the same transport: BUNDLE, mids, places that are closed and used again, restarts (RFC 9429 sections 5.2.2 and 5.3.2).</summary>
public sealed class OfferContinuityTests
{
    private static readonly string Audio = OfferText.Audio("0");
    private static readonly string Video = OfferText.Video("1");

    [Fact]
    public void Build_SecondOffer_RaisesTheVersionOnly()
    {
        SdpAnswer first = Answer(null, Audio);
        SdpAnswer second = Answer(first, Audio);
        Assert.Equal((first.Description.Origin.SessionId, 1ul, 2ul), (second.Description.Origin.SessionId, first.Session.Version, second.Session.Version));
    }

    [Fact]
    public void Build_SectionAdded_TakesItIntoTheBundle()
    {
        SdpAnswer first = Answer(null, Audio);
        SdpAnswer second = Answer(first, Audio, Video);
        Assert.Equal(["0", "1"], second.Description.BundleMids);
        Assert.Empty(second.Description.MediaSections[1].Candidates);
        Assert.NotEmpty(second.Description.MediaSections[0].Candidates);
    }

    [Fact]
    public void Build_SectionClosed_LeavesTheBundleAndItsPlaceMayBeUsedAgain()
    {
        SdpAnswer first = Answer(null, Audio, Video, OfferText.Video("2"));
        SdpAnswer closed = Answer(first, Audio, OfferText.Video("1", port: 0), OfferText.Video("2"));
        Assert.Equal(["0", "2"], closed.Description.BundleMids);
        Assert.Equal(0, closed.Description.MediaSections[1].Port);
        Assert.True(closed.Session.Sections[1].IsRejected);

        // The place comes back with another mid and another kind of media.
        SdpAnswer reused = Answer(closed, Audio, OfferText.Audio("3"), OfferText.Video("2"));
        Assert.Equal(["0", "3", "2"], reused.Description.BundleMids);
        Assert.Equal((9, "audio", "3"), (reused.Description.MediaSections[1].Port, reused.Description.MediaSections[1].Media, reused.Description.MediaSections[1].Mid));
    }

    [Fact]
    public void Build_FirstSectionClosed_TransportMovesToTheNext()
    {
        SdpAnswer first = Answer(null, Audio, Video);
        SdpAnswer second = Answer(first, OfferText.Audio("0", port: 0), Video);
        Assert.Equal(["1"], second.Description.BundleMids);
        Assert.NotEmpty(second.Description.MediaSections[1].Candidates);
    }

    [Fact]
    public void TryRead_BundleOnlySectionWithPort0_IsLive()
    {
        OfferView view = Negotiate.View(OfferText.Of(Audio, OfferText.Video("1", "a=bundle-only\r\n", port: 0)));
        Assert.True(view.Sections[1].IsLive);
        Assert.Equal(9, Negotiate.Answer(view).Description.MediaSections[1].Port);
    }

    [Fact]
    public void Build_SectionOutsideTheBundle_IsRejected()
    {
        OfferView view = Negotiate.View(OfferText.Of(Audio, Video).Replace("BUNDLE 0 1", "BUNDLE 0", StringComparison.Ordinal));
        SdpAnswer answer = Negotiate.Answer(view);
        Assert.Equal(0, answer.Description.MediaSections[1].Port);
        Assert.Equal(["0"], answer.Description.BundleMids);
    }

    [Fact]
    public void Build_DataSection_IsClosedAndLeavesTheBundle()
    {
        SdpAnswer answer = Answer(null, Audio, OfferText.Data("1"));
        Assert.Equal((0, "webrtc-datachannel"), (answer.Description.MediaSections[1].Port, answer.Description.MediaSections[1].Formats));
        Assert.Equal(["0"], answer.Description.BundleMids);
    }

    [Fact]
    public void TryRead_FewerSections_IsConflict() => AssertConflict(Answer(null, Audio, Video), "m", Audio);

    [Fact]
    public void TryRead_MidOfALiveSectionChanged_IsConflict() => AssertConflict(Answer(null, Audio, Video), "mid", Audio, OfferText.Video("7"));

    [Fact]
    public void TryRead_MediaOfALiveSectionChanged_IsConflict() => AssertConflict(Answer(null, Audio, Video), "m", Audio, OfferText.Audio("1"));

    [Fact]
    public void TryRead_PayloadTypeRemapped_IsConflict() => AssertConflict(
        Answer(null, Audio, Video), "rtpmap", Audio, Video.Replace("a=rtpmap:96 VP8", "a=rtpmap:96 VP9", StringComparison.Ordinal));

    [Fact]
    public void TryRead_ExtensionIdRemapped_IsConflict()
    {
        const string Mid = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n", Orientation = "a=extmap:4 urn:3gpp:video-orientation\r\n";
        AssertConflict(Answer(null, OfferText.Video("0", Mid)), "extmap", OfferText.Video("0", Orientation));
    }

    [Theory]
    [InlineData("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:4 urn:3gpp:video-orientation\r\n")]
    [InlineData("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:4 urn:x\r\n")]
    [InlineData("a=rtpmap:96 H264/90000\r\na=rtpmap:97 VP9/90000\r\n")]
    public void TryRead_SameOfferWithANumberDefinedTwice_IsTakenAgain(string lines)
    {
        // Of several definitions the first counts, each time.
        string video = OfferText.Video("0", lines);
        SdpAnswer first = Answer(null, video);
        Assert.Equal(2ul, Answer(first, video).Session.Version);
    }

    [Fact]
    public void TryRead_ExtensionIdOfTheSessionRemapped_IsConflict()
    {
        string before = OfferText.Of(Video).Replace("t=0 0\r\n", "t=0 0\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n", StringComparison.Ordinal);
        SdpAnswer first = Negotiate.Answer(Negotiate.View(before));
        SdpError error = Negotiate.Refused(before.Replace("urn:ietf:params:rtp-hdrext:sdes:mid", "urn:3gpp:video-orientation", StringComparison.Ordinal), first.Session);
        Assert.Equal((SdpErrorCode.Conflict, "extmap"), (error.Code, error.Field));
    }

    [Fact]
    public void TryRead_CertificateChanged_IsConflict() => AssertConflict(
        Answer(null, Audio), "fingerprint", Audio.Replace("00:01:02", "FF:01:02", StringComparison.Ordinal));

    [Fact]
    public void IsIceRestart_NewCredentials_IsTrue()
    {
        SdpAnswer first = Answer(null, Audio, Video);
        Assert.False(Negotiate.View(OfferText.Of(Audio, Video), first.Session).IsIceRestart);
        OfferView restart = Negotiate.View(OfferText.Of(Audio, Video).Replace("a=ice-ufrag:abcd", "a=ice-ufrag:efgh", StringComparison.Ordinal), first.Session);
        Assert.True(restart.IsIceRestart);
        Assert.Equal("efgh", restart.Ice.Ufrag);
        Assert.False(Negotiate.View(OfferText.Of(Audio)).IsIceRestart);
    }

    [Fact]
    public void IsIceRestart_OtherCredentialsInALaterSection_IsFalse()
    {
        string other = Video.Replace("a=ice-ufrag:abcd", "a=ice-ufrag:efgh", StringComparison.Ordinal);
        SdpAnswer first = Answer(null, Audio, other);
        Assert.Equal("abcd", first.Session.RemoteIce.Ufrag);
        Assert.False(Negotiate.View(OfferText.Of(Audio, other), first.Session).IsIceRestart);
    }

    private static SdpAnswer Answer(SdpAnswer? before, params string[] sections) => Negotiate.Answer(Negotiate.View(OfferText.Of(sections), before?.Session));

    private static void AssertConflict(SdpAnswer before, string field, params string[] sections)
    {
        SdpError error = Negotiate.Refused(OfferText.Of(sections), before.Session);
        Assert.Equal((SdpErrorCode.Conflict, field), (error.Code, error.Field));
    }
}
