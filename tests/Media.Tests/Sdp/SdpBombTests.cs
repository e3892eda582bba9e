using System.Text;
using Sfu.Media.Sdp;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Descriptions made to cost more than they are worth (docs/threats.md T21): refused at the price of reading them once.</summary>
/// <remarks>Time is not asserted: on a shared machine it would be noise. What is: every one ends, and its allocation is bounded.</remarks>
public sealed class SdpBombTests
{
    private const int Bombs = 500;

    /// <summary>What the error, the lists' first elements and the fixed tables may take, in bytes.</summary>
    private const int Constant = 64 * 1024;

    private static readonly string[] Repeatable =
    [
        "a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=fingerprint:sha-256 " + Hash, "a=rid:q send", "a=msid:a b", "a=extmap:1 urn:x", "a=ssrc:{n} cname:x",
        "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:{n} VP8/90000", "a=mid:{n} {n}", "a=ice-pwd:{n}", "x", "",
    ];

    private const string Hash = "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F";

    [Fact]
    public void TryParse_GeneratedBombs_AreRefusedWithinFourTimesTheirSize()
    {
        var random = new Random(20_731);
        var codes = new HashSet<SdpErrorCode>();
        for (int i = 0; i < Bombs; i++)
        {
            string bomb = Make(random, i);
            long before = GC.GetAllocatedBytesForCurrentThread();

            bool isTaken = SessionDescription.TryParse(bomb, out _, out SdpError? error);

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.False(isTaken, $"bomb {i}: {bomb[..Math.Min(200, bomb.Length)]}");
            Assert.True(allocated <= 4L * bomb.Length + Constant, $"bomb {i}: {allocated} bytes for {bomb.Length} characters, {error}");
            codes.Add(error!.Code);
        }
        Assert.Equal(
            [
                SdpErrorCode.TooLarge, SdpErrorCode.TooManyLines, SdpErrorCode.TooManySections, SdpErrorCode.TooManyCandidates,
                SdpErrorCode.TooManyValues, SdpErrorCode.Malformed, SdpErrorCode.OutOfRange,
            ],
            codes.Order());
    }

    [Theory]
    [InlineData("a=rtcp-fb:96 nack", 12)]
    [InlineData("a=fmtp:96 a", 12)]
    [InlineData("a=rtpmap:96 a/1", 12)]
    [InlineData("a=ssrc:1 a:b", 12)]
    [InlineData("a=ssrc-group:FID 1 2", 12)]
    [InlineData("a=group:BUNDLE 0 1", 12)]
    [InlineData("a=setup:actpass", 12)]
    [InlineData("b=AS:1", 12)]
    public void TryRead_AsManyLinesAsAreAllowed_StayProportional(string line, int perCharacter)
    {
        string lines = string.Concat(Enumerable.Repeat(line + "\r\n", SdpLimits.MaxLines - 40));
        string text = OfferText.Of(OfferText.Video("0", lines));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Negotiate.Answer(Negotiate.View(text)).Description.ToString();

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (long)perCharacter * text.Length + Constant, $"{allocated} bytes for {text.Length} characters");
    }

    [Fact]
    public void TryRead_ManySectionsUnderManySessionExtensions_IsRefused()
    {
        // Each section sees every session-level extmap: 256 sections by 15,000 lines would be four million steps.
        string extensions = string.Concat(Enumerable.Repeat("a=extmap:1 urn:x\r\n", 14_000));
        string sections = OfferText.Of([.. Enumerable.Range(0, 200).Select(i => OfferText.Audio(i.ToString(System.Globalization.CultureInfo.InvariantCulture)))]);
        string text = sections.Replace("t=0 0\r\n", "t=0 0\r\n" + extensions, StringComparison.Ordinal);

        Assert.False(SessionDescription.TryParse(text, out _, out SdpError? error));
        Assert.Equal((SdpErrorCode.TooManyValues, "extmap"), (error.Code, error.Field));
    }

    private static string Make(Random random, int i)
    {
        var text = new StringBuilder(OfferText.Session);
        switch (i % 6)
        {
            case 0:
                return text.Append('a', SdpLimits.MaxCharacters + random.Next(1, 100_000)).ToString();
            case 1:
                return text.Append(OfferText.Audio("0")).Insert(text.Length, "a=x\n", SdpLimits.MaxLines).ToString();
            case 2:
                return text.Insert(text.Length, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", SdpLimits.MaxSections + random.Next(1, 5000)).ToString();
            case 3:
                return text.Append(OfferText.Audio("0")).Insert(text.Length, Repeatable[0] + "\r\n", SdpLimits.MaxCandidates + random.Next(1, 5000)).ToString();
            case 4:
                return Deep(text, random);
            default:
                return Mixed(text, random);
        }
    }

    // One attribute with far too much in it.
    private static string Deep(StringBuilder text, Random random)
    {
        text.Append("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
        int count = random.Next(1000, 50_000);
        switch (random.Next(5))
        {
            case 0:
                text.Append("a=simulcast:send q").Insert(text.Length, ";q", count);
                break;
            case 1:
                text.Append("a=ssrc-group:SIM").Insert(text.Length, " 1", count);
                break;
            case 2:
                text.Append("m=video 9 UDP/TLS/RTP/SAVPF").Insert(text.Length, " 128", count);
                break;
            case 3:
                text.Append("a=rtpmap:96 VP8/").Append('9', count);
                break;
            default:
                text.Append("a=mid:").Append('m', count);
                break;
        }
        return text.Append("\r\n").ToString();
    }

    // Many different lines until a limit is hit; the last line makes sure that one is.
    private static string Mixed(StringBuilder text, Random random)
    {
        text.Append("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
        for (int n = random.Next(200, 4000); n > 0; n--)
            text.Append(Repeatable[random.Next(6)].Replace("{n}", n.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)).Append("\r\n");
        return text.Append(Repeatable[random.Next(7, Repeatable.Length - 1)]).Append("\r\n").ToString();
    }
}
