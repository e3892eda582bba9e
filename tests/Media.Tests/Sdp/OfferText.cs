using System.Text;

namespace Sfu.Media.Tests.Sdp;

/// <summary>Offers in the smallest form that is accepted, with lines added or replaced.</summary>
internal static class OfferText
{
    public const string Session =
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    public const string Transport =
        "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\na=setup:actpass\r\na=rtcp-mux\r\n"
        + "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n";

    /// <summary>A description of these sections in one BUNDLE group.</summary>
    public static string Of(params string[] sections)
    {
        IEnumerable<string> mids = sections.SelectMany(section => section.Split("\r\n")).Where(line => line.StartsWith("a=mid:", StringComparison.Ordinal));
        return $"{Session}a=group:BUNDLE {string.Join(' ', mids.Select(line => line[6..]))}\r\n{string.Concat(sections)}";
    }

    public static string Audio(string mid, string more = "", int port = 9, string direction = "sendrecv") => Media(
        "audio", mid, "111", $"a={direction}\r\na=rtpmap:111 opus/48000/2\r\n{more}", port);

    public static string Video(string mid, string more = "", int port = 9, string direction = "sendrecv") => Media(
        "video", mid, "96 97", $"a={direction}\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtcp-fb:96 nack\r\n{more}", port);

    public static string Data(string mid, int port = 9) =>
        $"m=application {port} UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:{mid}\r\n{Transport}a=sctp-port:5000\r\n";

    public static string Media(string media, string mid, string payloadTypes, string lines, int port = 9) =>
        new StringBuilder($"m={media} {port} UDP/TLS/RTP/SAVPF {payloadTypes}\r\na=mid:{mid}\r\n").Append(Transport).Append(lines).ToString();
}
