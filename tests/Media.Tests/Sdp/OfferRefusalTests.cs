using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Well-formed offers that this server cannot serve.</summary>
public sealed class OfferRefusalTests
{
    [Fact]
    public void TryRead_SmallestOffer_IsTaken() => Assert.True(Negotiate.View(OfferText.Of(OfferText.Audio("0"))).Sections[0].CanSend);

    [Fact]
    public void TryRead_NoSection_IsMissing() => AssertRefused(OfferText.Session, SdpErrorCode.Missing, "m");

    [Fact]
    public void TryRead_OnlyClosedOrUnsecuredSections_IsMissing() => AssertRefused(
        OfferText.Of(OfferText.Audio("0", port: 0), OfferText.Audio("1").Replace("SAVPF", "AVPF", StringComparison.Ordinal)), SdpErrorCode.Missing, "m");

    [Fact]
    public void TryRead_ClientIsIceLite_IsUnsupported() =>
        AssertRefused(OfferText.Of(OfferText.Audio("0")).Replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", StringComparison.Ordinal), SdpErrorCode.Unsupported, "ice-lite");

    [Fact]
    public void TryRead_SeveralSectionsWithoutBundle_IsMissing() => AssertRefused(
        OfferText.Of(OfferText.Audio("0"), OfferText.Video("1")).Replace("a=group:BUNDLE 0 1\r\n", "", StringComparison.Ordinal), SdpErrorCode.Missing, "group");

    [Fact]
    public void TryRead_OneSectionWithoutBundle_IsTaken() =>
        Assert.Equal(["0"], Negotiate.View(OfferText.Of(OfferText.Audio("0")).Replace("a=group:BUNDLE 0\r\n", "", StringComparison.Ordinal)).BundleMids);

    [Fact]
    public void TryRead_BundleOfOthersOnly_IsMissing() => AssertRefused(
        OfferText.Of(OfferText.Audio("0")).Replace("BUNDLE 0", "BUNDLE 5", StringComparison.Ordinal), SdpErrorCode.Missing, "group");

    [Theory]
    [InlineData("a=mid:0\r\n", "", SdpErrorCode.Missing, "mid")]
    [InlineData("a=mid:1\r\n", "a=mid:0\r\n", SdpErrorCode.Conflict, "mid")]
    [InlineData("a=rtcp-mux\r\n", "", SdpErrorCode.Unsupported, "rtcp-mux")]
    [InlineData("a=setup:actpass\r\n", "a=setup:passive\r\n", SdpErrorCode.Unsupported, "setup")]
    [InlineData("a=setup:actpass\r\n", "a=setup:holdconn\r\n", SdpErrorCode.Unsupported, "setup")]
    [InlineData("a=ice-ufrag:abcd\r\n", "", SdpErrorCode.Missing, "ice-ufrag")]
    [InlineData("a=ice-pwd:0123456789abcdef012345\r\n", "", SdpErrorCode.Missing, "ice-pwd")]
    [InlineData("a=fingerprint:sha-256 ", "a=fingerprint:sha-1 ", SdpErrorCode.Missing, "fingerprint")]
    [InlineData("a=fingerprint:", "a=x-fingerprint:", SdpErrorCode.Missing, "fingerprint")]
    public void TryRead_LineMissingOrWrong_IsRefused(string line, string instead, SdpErrorCode code, string field) =>
        AssertRefused(OfferText.Of(OfferText.Audio("0"), OfferText.Video("1")).Replace(line, instead, StringComparison.Ordinal), code, field);

    [Fact]
    public void TryRead_TooManySources_IsRefused() => AssertRefused(
        OfferText.Of(OfferText.Video("0", string.Concat(Enumerable.Range(0, SdpLimits.MaxSsrcs + 1).Select(i => $"a=ssrc:{i} cname:x\r\n")))),
        SdpErrorCode.TooManyValues, "ssrc");

    [Fact]
    public void TryRead_SessionLevelTransport_CountsForEverySection()
    {
        string text = OfferText.Of(OfferText.Audio("0")).Replace(OfferText.Transport, "a=rtcp-mux\r\n", StringComparison.Ordinal)
            .Replace("t=0 0\r\n", "t=0 0\r\n" + OfferText.Transport, StringComparison.Ordinal);
        Assert.Equal("abcd", Negotiate.View(text).Ice.Ufrag);
    }

    [Fact]
    public void TryPublish_NothingInCommon_SaysSo()
    {
        OfferView view = Negotiate.View(OfferText.Of(OfferText.Media("video", "0", "100", "a=rtpmap:100 H263-1998/90000\r\n")));
        Assert.False(CodecNegotiator.TryPublish(view.Sections[0], ServerCapabilities.Default, out _, out NegotiationFailure failure));
        Assert.Equal(NegotiationFailure.NoCommonCodec, failure);
        Assert.True(Negotiate.Parse(AnswerBuilder.Build(view, [SectionDecision.Idle], Negotiate.Server, ServerCapabilities.Default).Description.ToString())
            .MediaSections[0].Port == 0);
    }

    [Theory]
    [InlineData("recvonly", false, true)]
    [InlineData("sendonly", true, false)]
    [InlineData("sendrecv", true, true)]
    [InlineData("inactive", false, false)]
    public void CanSendAndReceive_Direction_Decides(string direction, bool sends, bool receives)
    {
        OfferSection section = Negotiate.View(OfferText.Of(OfferText.Video("0", direction: direction))).Sections[0];
        Assert.Equal((sends, receives), (section.CanSend, section.CanReceive));
        if (!sends)
        {
            Assert.False(CodecNegotiator.TryPublish(section, ServerCapabilities.Default, out _, out NegotiationFailure failure));
            Assert.Equal(NegotiationFailure.WrongDirection, failure);
        }
        if (!receives)
        {
            Assert.False(CodecNegotiator.TryConsume(section, Negotiate.Vp8, ServerCapabilities.Default, out _, out NegotiationFailure failure));
            Assert.Equal(NegotiationFailure.WrongDirection, failure);
        }
    }

    [Fact]
    public void TryConsume_OtherKindOrClosed_SaysSo()
    {
        OfferView view = Negotiate.View(OfferText.Of(OfferText.Video("0"), OfferText.Audio("1", port: 0)));
        Assert.False(CodecNegotiator.TryConsume(view.Sections[0], Negotiate.Opus, ServerCapabilities.Default, out _, out NegotiationFailure failure));
        Assert.Equal(NegotiationFailure.WrongKind, failure);
        Assert.False(CodecNegotiator.TryConsume(view.Sections[1], Negotiate.Opus, ServerCapabilities.Default, out _, out failure));
        Assert.Equal(NegotiationFailure.NotLive, failure);
    }

    private static void AssertRefused(string text, SdpErrorCode code, string field)
    {
        SdpError error = Negotiate.Refused(text);
        Assert.Equal((code, field), (error.Code, error.Field));
    }
}
