using CsCheck;
using Sfu.Media.Sdp;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Reading what was written gives the same text; cutting it off anywhere is refused or read, never worse.</summary>
public sealed class SdpRoundTripTests
{
    private static readonly string[] Lines =
    [
        "a=rtcp-rsize", "a=bundle-only", "a=ice-options:trickle renomination", "a=msid:s t", "a=msid:s", "a=ssrc:5 cname:x", "a=ssrc:5 msid:a b",
        "a=ssrc:6 label", "a=ssrc-group:FID 5 6", "a=rid:q send max-width=320;max-height=180", "a=rid:h recv", "a=simulcast:send q;~h,f recv 1",
        "a=fmtp:111 minptime=10; useinbandfec=1", "a=rtcp-fb:* transport-cc", "a=rtcp-fb:111 nack  pli", "a=extmap:3/sendonly urn:x y", "a=extmap:255 urn:z",
        "a=extmap-allow-mixed", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=end-of-candidates", "a=max-message-size:0", "a=sctp-port:5000",
        "a=rtcp-mux-only", "a=setup:active", "a=x-unknown:1", "b=AS:5", "c=IN IP4 1.2.3.4", "a=inactive", "a=rtpmap:111 opus/48000/2",
        "a=fingerprint:sha-1 00", "m=audio 0 UDP/TLS/RTP/SAVPF 0 8 8", "m=text 9 TCP x y  z", "m=video 9/2 RTP/AVP 96",
    ];

    private static readonly Gen<string> Line = Gen.Int[0, Lines.Length - 1].Select(i => Lines[i]);

    public static TheoryData<string> Offers() => [.. SdpVectors.Offers()];

    [Theory]
    [MemberData(nameof(Offers))]
    public void ToString_RecordedOfferParsedAgain_IsTheSame(string name)
    {
        string written = Negotiate.Parse(SdpVectors.Read(name)).ToString();
        Assert.Equal(written, Negotiate.Parse(written).ToString());
    }

    [Fact]
    public void ToString_AnyLinesParsedAgain_IsTheSame() =>
        Line.Array[0, 40].Sample(lines =>
        {
            string text = OfferText.Of(OfferText.Audio("0", string.Join("\r\n", lines) + "\r\n"));
            string written = Negotiate.Parse(text).ToString();
            Assert.Equal(written, Negotiate.Parse(written).ToString());
        });

    [Theory]
    [MemberData(nameof(Offers))]
    public void TryParse_EveryLengthCutOff_NeverThrows(string name)
    {
        string text = SdpVectors.Read(name);
        for (int length = 0; length < text.Length; length++)
        {
            bool isTaken = SessionDescription.TryParse(text.AsSpan(0, length), out SessionDescription? description, out SdpError? error);
            Assert.Equal(isTaken, description is not null);
            Assert.Equal(isTaken, error is null);
        }
    }
}
