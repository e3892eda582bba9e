namespace Sfu.Tests.Signalling.Http;

/// <summary>Small offers for requests that look at HTTP and directions only; the media behind is a fake.</summary>
internal static class Offers
{
    public const string Ufrag = "abcd";
    public const string Password = "abcdefghijklmnopqrstuv";

    public static string Send { get; } = Of("sendonly", ["audio", "video"]);

    public static string Receive { get; } = Of("recvonly", ["audio", "video"]);

    public static string Of(string direction, string[] kinds, string[]? streams = null, string extra = "")
    {
        string group = string.Join(' ', kinds.Select((_, i) => i));
        var text = new System.Text.StringBuilder($"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {group}\r\n");
        for (int i = 0; i < kinds.Length; i++)
        {
            text.Append(kinds[i] == "application"
                ? "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                : $"m={kinds[i]} 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 {(kinds[i] == "audio" ? "opus/48000/2" : "VP8/90000")}\r\n");
            text.Append($"a=mid:{i}\r\na={direction}\r\na=rtcp-mux\r\na=ice-ufrag:{Ufrag}\r\na=ice-pwd:{Password}\r\na=setup:actpass\r\n");
            if (streams is not null) text.Append($"a=msid:{streams[i]} track{i}\r\n");
            text.Append(extra);
        }

        return text.ToString();
    }

    public static string Fragment(string ufrag = Ufrag, string password = Password, string candidate = "candidate:1 1 UDP 2130706431 192.0.2.1 50000 typ host") =>
        $"a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na={candidate}\r\na=end-of-candidates\r\n";
}
