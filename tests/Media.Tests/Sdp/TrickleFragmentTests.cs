using Sfu.Media.Sdp;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Bodies of a WHIP or WHEP PATCH (RFC 8840 section 9, RFC 9725 section 4.3).</summary>
public sealed class TrickleFragmentTests
{
    // In the form of RFC 9725 section 4.3.2.
    private const string OfTheRfc =
        "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
        + "a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2\r\n"
        + "a=end-of-candidates\r\n";

    [Fact]
    public void TryParse_ExampleOfTheRfc_IsRead()
    {
        TrickleFragment fragment = Parse(OfTheRfc);

        Assert.Equal(("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1"), (fragment.Credentials!.Ufrag, fragment.Credentials.Password));
        TrickleSection section = Assert.Single(fragment.Sections);
        Assert.Equal(("0", 2, true), (section.Mid, section.Candidates.Count, section.EndOfCandidates));
        Assert.StartsWith("1387637174 1 udp", section.Candidates[0], StringComparison.Ordinal);
        Assert.False(fragment.EndOfCandidates);
    }

    [Fact]
    public void TryParse_CredentialsBeforeTheSections_AreThoseOfTheFragment()
    {
        TrickleFragment fragment = Parse(
            "a=ice-ufrag:abcd\na=ice-pwd:0123456789abcdef012345\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n"
            + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:1\n");
        Assert.Equal("abcd", fragment.Credentials!.Ufrag);
        Assert.Equal(["0", "1"], fragment.Sections.Select(section => section.Mid));
    }

    [Fact]
    public void TryParse_CandidatesWithoutASection_AreTaken()
    {
        TrickleFragment fragment = Parse("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n");
        Assert.Null(Assert.Single(fragment.Sections).Mid);
        Assert.True(fragment.EndOfCandidates);
        Assert.Null(fragment.Credentials);
    }

    [Theory]
    [InlineData("", SdpErrorCode.Missing, "candidate")]
    [InlineData("\r\n\r\n", SdpErrorCode.Missing, "candidate")]
    [InlineData("a=ice-options:trickle\r\n", SdpErrorCode.Missing, "candidate")]
    [InlineData("{}", SdpErrorCode.Malformed, "line")]
    [InlineData("v=0\r\na=ice-ufrag:abcd\r\n", SdpErrorCode.Malformed, "line")]
    [InlineData("a=ice-ufrag:abcd\r\n", SdpErrorCode.Missing, "ice-pwd")]
    [InlineData("a=ice-pwd:0123456789abcdef012345\r\n", SdpErrorCode.Missing, "ice-pwd")]
    [InlineData("a=ice-ufrag:abc\r\n", SdpErrorCode.Malformed, "ice-ufrag")]
    [InlineData("m=audio 9\r\n", SdpErrorCode.Malformed, "m")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a b\r\n", SdpErrorCode.Malformed, "mid")]
    public void TryParse_Broken_IsRefused(string text, SdpErrorCode code, string field)
    {
        Assert.False(TrickleFragment.TryParse(text, out TrickleFragment? fragment, out SdpError? error));
        Assert.Null(fragment);
        Assert.Equal((code, field), (error.Code, error.Field));
    }

    [Fact]
    public void TryParse_TooManyCandidates_IsRefused()
    {
        string candidates = string.Concat(Enumerable.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", SdpLimits.MaxCandidates));
        Parse(candidates);
        Assert.False(TrickleFragment.TryParse(candidates + "a=candidate:x\r\n", out _, out SdpError? error));
        Assert.Equal(SdpErrorCode.TooManyCandidates, error.Code);
    }

    [Fact]
    public void TryParse_TooManySections_IsRefused()
    {
        string sections = string.Concat(Enumerable.Repeat("m=video 9 RTP/AVP 0\r\n", SdpLimits.MaxFragmentSections));
        Assert.Equal(SdpLimits.MaxFragmentSections, Parse(sections).Sections.Count);
        Assert.False(TrickleFragment.TryParse(sections + "m=video 9 RTP/AVP 0\r\n", out _, out SdpError? error));
        Assert.Equal(SdpErrorCode.TooManySections, error.Code);
        Assert.False(TrickleFragment.TryParse("a=candidate:1\r\n" + sections, out _, out error));
        Assert.Equal(SdpErrorCode.TooManySections, error.Code);
    }

    [Theory]
    [InlineData(OfTheRfc)]
    [InlineData("a=ice-lite\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\na=end-of-candidates\r\n")]
    [InlineData("a=candidate:1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=candidate:2\r\n")]
    public void ToString_ParsedAgain_IsTheSame(string text)
    {
        string written = Parse(text).ToString();
        Assert.Equal(written, Parse(written).ToString());
    }

    private static TrickleFragment Parse(string text)
    {
        Assert.True(TrickleFragment.TryParse(text, out TrickleFragment? fragment, out SdpError? error), error?.ToString());
        return fragment;
    }
}
