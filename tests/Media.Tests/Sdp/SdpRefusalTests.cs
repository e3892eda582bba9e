using Sfu.Media.Sdp;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Texts that are no session description: each is refused with its code, its line and the field at fault.</summary>
public sealed class SdpRefusalTests
{
    [Theory]
    [InlineData("", SdpErrorCode.Missing, 0, "v")]
    [InlineData("\r\n\n\r\n", SdpErrorCode.Missing, 0, "v")]
    [InlineData("v=0\r\n", SdpErrorCode.Missing, 0, "o")]
    [InlineData("v=1\r\no=- 1 2 IN IP4 0.0.0.0\r\n", SdpErrorCode.Malformed, 1, "v")]
    [InlineData("o=- 1 2 IN IP4 0.0.0.0\r\n", SdpErrorCode.Malformed, 1, "v")]
    [InlineData("\r\no=- 1 2 IN IP4 0.0.0.0\r\n", SdpErrorCode.Malformed, 2, "v")]
    [InlineData("v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\nv=0\r\n", SdpErrorCode.Malformed, 3, "v")]
    [InlineData("v=0\r\nnonsense\r\n", SdpErrorCode.Malformed, 2, "line")]
    [InlineData("v=0\r\na\r\n", SdpErrorCode.Malformed, 2, "line")]
    [InlineData("v=0\r\nA=mid:0\r\n", SdpErrorCode.Malformed, 2, "line")]
    [InlineData("v=0\r\na=mid:\r0\r\n", SdpErrorCode.Malformed, 2, "line")]
    [InlineData("v=0\r\na=mid:\0\r\n", SdpErrorCode.Malformed, 2, "line")]
    [InlineData("v=0\r\no=\r\n", SdpErrorCode.Malformed, 2, "o")]
    [InlineData("v=0\r\no=- x 2 IN IP4 0.0.0.0\r\n", SdpErrorCode.OutOfRange, 2, "o")]
    [InlineData("v=0\r\no=- 1 -2 IN IP4 0.0.0.0\r\n", SdpErrorCode.OutOfRange, 2, "o")]
    [InlineData("v=0\r\no=- 18446744073709551616 2 IN IP4 0.0.0.0\r\n", SdpErrorCode.OutOfRange, 2, "o")]
    [InlineData("{\"type\":\"offer\"}", SdpErrorCode.Malformed, 1, "line")]
    public void TryParse_BrokenText_IsRefused(string text, SdpErrorCode code, int line, string field) => AssertRefused(text, code, line, field);

    [Theory]
    [InlineData("a=group:", SdpErrorCode.Malformed, "group")]
    [InlineData("a=setup:both", SdpErrorCode.Malformed, "setup")]
    [InlineData("a=ice-ufrag:abc", SdpErrorCode.Malformed, "ice-ufrag")]
    [InlineData("a=ice-ufrag:ab:d", SdpErrorCode.Malformed, "ice-ufrag")]
    [InlineData("a=ice-pwd:short", SdpErrorCode.Malformed, "ice-pwd")]
    [InlineData("a=fingerprint:sha-256", SdpErrorCode.Malformed, "fingerprint")]
    [InlineData("a=fingerprint:sha-256 00:01", SdpErrorCode.Malformed, "fingerprint")]
    [InlineData("a=extmap:1", SdpErrorCode.Malformed, "extmap")]
    [InlineData("a=extmap:1/up urn:x", SdpErrorCode.Malformed, "extmap")]
    [InlineData("a=extmap:0 urn:x", SdpErrorCode.OutOfRange, "extmap")]
    [InlineData("a=extmap:4352 urn:x", SdpErrorCode.OutOfRange, "extmap")]
    [InlineData("m=", SdpErrorCode.Malformed, "m")]
    [InlineData("m=au:dio 9 UDP/TLS/RTP/SAVPF 0", SdpErrorCode.Malformed, "m")]
    [InlineData("m=audio 65536 UDP/TLS/RTP/SAVPF 0", SdpErrorCode.OutOfRange, "m")]
    [InlineData("m=audio -1 UDP/TLS/RTP/SAVPF 0", SdpErrorCode.OutOfRange, "m")]
    [InlineData("m=audio 9/x UDP/TLS/RTP/SAVPF 0", SdpErrorCode.OutOfRange, "m")]
    [InlineData("m=audio 9", SdpErrorCode.Malformed, "m")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF", SdpErrorCode.Missing, "m")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 128", SdpErrorCode.OutOfRange, "m")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 99999999999999999999", SdpErrorCode.OutOfRange, "m")]
    public void TryParse_BrokenSessionLine_IsRefused(string line, SdpErrorCode code, string field) =>
        AssertRefused(OfferText.Session + line + "\r\n", code, 5, field);

    [Theory]
    [InlineData("a=mid:", SdpErrorCode.Malformed, "mid")]
    [InlineData("a=mid:a b", SdpErrorCode.Malformed, "mid")]
    [InlineData("a=mid:12345678901234567890123456789012345678901234567890123456789012345", SdpErrorCode.Malformed, "mid")]
    [InlineData("a=rtpmap:128 x/1", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=rtpmap:1", SdpErrorCode.Malformed, "rtpmap")]
    [InlineData("a=rtpmap:1 VP8", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=rtpmap:1 VP8/0", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=rtpmap:1 VP8/2147483648", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=rtpmap:1 opus/48000/0", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=rtpmap:1 opus/48000/256", SdpErrorCode.OutOfRange, "rtpmap")]
    [InlineData("a=fmtp:", SdpErrorCode.Malformed, "fmtp")]
    [InlineData("a=fmtp:128 x", SdpErrorCode.OutOfRange, "fmtp")]
    [InlineData("a=rtcp-fb:", SdpErrorCode.Malformed, "rtcp-fb")]
    [InlineData("a=rtcp-fb:1", SdpErrorCode.Malformed, "rtcp-fb")]
    [InlineData("a=rtcp-fb:** nack", SdpErrorCode.OutOfRange, "rtcp-fb")]
    [InlineData("a=msid:", SdpErrorCode.Malformed, "msid")]
    [InlineData("a=ssrc:4294967296 cname:x", SdpErrorCode.OutOfRange, "ssrc")]
    [InlineData("a=ssrc:1", SdpErrorCode.Malformed, "ssrc")]
    [InlineData("a=ssrc-group:", SdpErrorCode.Malformed, "ssrc-group")]
    [InlineData("a=ssrc-group:FID 1 x", SdpErrorCode.OutOfRange, "ssrc-group")]
    [InlineData("a=rid:", SdpErrorCode.Malformed, "rid")]
    [InlineData("a=rid:h!gh send", SdpErrorCode.Malformed, "rid")]
    [InlineData("a=rid:123456789012345678901234567890123 send", SdpErrorCode.Malformed, "rid")]
    [InlineData("a=rid:q", SdpErrorCode.Malformed, "rid")]
    [InlineData("a=rid:q both", SdpErrorCode.Malformed, "rid")]
    [InlineData("a=simulcast:", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=simulcast:send", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=simulcast:send q send h", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=simulcast:send q;,;h", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=simulcast:send ~", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=simulcast:both q", SdpErrorCode.Malformed, "simulcast")]
    [InlineData("a=sctp-port:65536", SdpErrorCode.OutOfRange, "sctp-port")]
    [InlineData("a=max-message-size:18446744073709551616", SdpErrorCode.OutOfRange, "max-message-size")]
    public void TryParse_BrokenSectionLine_IsRefused(string line, SdpErrorCode code, string field) =>
        AssertRefused($"{OfferText.Session}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{line}\r\n", code, 6, field);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void TryParse_LineEnds_MayBeAnyAndEmptyLinesAreSkipped(string end)
    {
        string text = OfferText.Of(OfferText.Audio("0"));
        Assert.Equal(Negotiate.Parse(text).ToString(), Negotiate.Parse(text.Replace("\r\n", end, StringComparison.Ordinal)).ToString());
        Assert.Equal(Negotiate.Parse(text).ToString(), Negotiate.Parse(text.TrimEnd()).ToString());
        Assert.Equal(Negotiate.Parse(text).ToString(), Negotiate.Parse(text + "\n\r\n\n").ToString());
    }

    [Fact]
    public void TryParse_LineBeforeTheFirst_MayBeEmpty() =>
        Assert.Equal(1, (int)Negotiate.Parse("\r\n" + OfferText.Of(OfferText.Audio("0"))).Origin.SessionId);

    [Fact]
    public void TryParse_WhatNobodyNeeds_IsIgnored() =>
        Negotiate.Parse(OfferText.Session + "b=AS:64\r\nk=x\r\na=tool:x y z\r\na=\r\na=:\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP6 ::1\r\na=ptime:99999999999999\r\na=rtcp:-1\r\n");

    private static void AssertRefused(string text, SdpErrorCode code, int line, string field)
    {
        Assert.False(SessionDescription.TryParse(text, out SessionDescription? description, out SdpError? error));
        Assert.Null(description);
        Assert.Equal((code, line, field), (error.Code, error.Line, error.Field));
        Assert.NotEmpty(error.Message);
    }
}
