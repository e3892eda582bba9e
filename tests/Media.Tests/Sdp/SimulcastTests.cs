using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Simulcast by RID (RFC 8853, RFC 8851) and by SSRC group.</summary>
public sealed class SimulcastTests
{
    private const string Rids = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\n";

    [Theory]
    [InlineData(Rids + "a=simulcast:send q;h;f\r\n", "q h f")]
    [InlineData(Rids + "a=simulcast:send f;h;q\r\n", "q h f")]                                  // preference is not size
    [InlineData(Rids + "a=simulcast:send q,f;h\r\n", "q h")]                                    // the first alternative is taken
    [InlineData(Rids + "a=simulcast:send ~q;~h\r\n", "q h")]
    [InlineData(Rids + "a=simulcast:send q;h;q\r\n", "q h")]
    [InlineData(Rids + "a=simulcast:send x;h\r\n", "h")]                                        // a stream without its rid line does not exist
    [InlineData(Rids + "a=simulcast:recv q;h;f\r\n", "q")]
    [InlineData(Rids, "q")]                                                                     // rid lines alone are one stream
    [InlineData("a=rid:q recv\r\na=simulcast:recv q\r\n", "")]
    [InlineData("a=rid:1 send max-width=1280;max-height=720\r\na=rid:2 send max-width=320;max-height=180\r\na=simulcast:send 1;2\r\n", "2 1")]
    [InlineData("a=rid:1 send pt=96\r\na=rid:2 send pt=97,98\r\na=simulcast:send 1;2\r\n", "1")] // tied to another format
    public void Publish_SimulcastOffer_TakesTheEncodings(string lines, string expected) =>
        Assert.Equal(expected, string.Join(' ', Encodings(lines).Select(encoding => encoding.Rid)));

    [Fact]
    public void Publish_ManyEncodings_IsLimited() =>
        Assert.Equal(3, Encodings("a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\na=rid:4 send\r\na=simulcast:send 1;2;3;4\r\n").Count);

    [Fact]
    public void Publish_SimGroup_TakesSsrcsWithTheirRtx()
    {
        const string Lines = "a=ssrc-group:SIM 1 2\r\na=ssrc-group:FID 1 11\r\na=ssrc-group:FID 2 12\r\na=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\n";
        Assert.Equal([(1u, 11u), (2u, 12u)], Encodings(Lines).Select(encoding => (encoding.Ssrc!.Value.Value, encoding.RtxSsrc!.Value.Value)));
    }

    [Fact]
    public void Publish_FidGroup_IsOneStream()
    {
        OfferedEncoding only = Assert.Single(Encodings("a=ssrc-group:FID 7 8\r\na=ssrc:7 cname:x\r\na=ssrc:8 cname:x\r\n"));
        Assert.Equal((7u, 8u), (only.Ssrc!.Value.Value, only.RtxSsrc!.Value.Value));
    }

    [Fact]
    public void Build_SimulcastOffer_AnswersRecvForWhatIsTaken()
    {
        const string Lines = "a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\na=rid:4 send\r\na=simulcast:send 1;2;3;4\r\n";
        MediaSection answer = Negotiate.Answer(Negotiate.View(OfferText.Of(OfferText.Video("0", Lines, direction: "sendonly")))).Description.MediaSections[0];

        Assert.Equal(["1 recv", "2 recv", "3 recv"], answer.Rids.Select(rid => $"{rid.Id} {(rid.IsSend ? "send" : "recv")}"));
        Assert.Empty(answer.Simulcast!.Send);
        Assert.Equal(["1", "2", "3"], answer.Simulcast.Receive.Select(stream => string.Join(',', stream.Rids)));
    }

    [Fact]
    public void Build_OneStreamOnly_AnswersNoSimulcast()
    {
        MediaSection answer = Negotiate.Answer(Negotiate.View(OfferText.Of(OfferText.Video("0", direction: "sendonly")))).Description.MediaSections[0];
        Assert.Null(answer.Simulcast);
        Assert.Empty(answer.Rids);
    }

    private static IReadOnlyList<OfferedEncoding> Encodings(string lines) =>
        Negotiate.Publish(Negotiate.View(OfferText.Of(OfferText.Video("0", lines, direction: "sendonly"))).Sections[0]).Encodings;
}
