using System.Text;

namespace Sfu.Tests.Nodes;

/// <summary>The formats of the codec matrix by short names, and offers made of them.</summary>
internal static class CodecFormats
{
    private const string Session = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    private const string Transport =
        "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\na=setup:actpass\r\na=rtcp-mux\r\n"
        + "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n";

    // Payload type, rtpmap, fmtp. The H.264 names: profile (cb = constrained baseline, b = baseline, m = main, ch = constrained high,
    // h = high), packetization mode, then what differs from level 3.1 with asymmetry allowed.
    private static readonly Dictionary<string, (byte PayloadType, string Map, string Parameters)> s_formats = new()
    {
        ["vp8"] = (96, "VP8/90000", ""),
        ["vp9"] = (98, "VP9/90000", "profile-id=0"),
        ["vp9-plain"] = (99, "VP9/90000", ""),
        ["vp9-2"] = (100, "VP9/90000", "profile-id=2"),
        ["cb1"] = (102, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
        ["cb0"] = (103, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
        ["b1"] = (104, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
        ["m1"] = (105, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"),
        ["ch1"] = (106, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
        ["h1"] = (107, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"),
        ["h0"] = (108, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=64001f"),
        ["h444"] = (109, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f"),
        ["cb1-52"] = (112, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034"),
        ["cb1-sym"] = (113, "H264/90000", "packetization-mode=1;profile-level-id=42e01f"),
        ["cb1-1b"] = (114, "H264/90000", "packetization-mode=1;profile-level-id=42f00b"),
        ["cb1-10"] = (115, "H264/90000", "packetization-mode=1;profile-level-id=42e00a"),
        ["cb1-11"] = (116, "H264/90000", "packetization-mode=1;profile-level-id=42e00b"),
        ["h264-plain"] = (117, "H264/90000", ""),
        ["av1"] = (45, "AV1/90000", "level-idx=5;profile=0;tier=0"),
        ["av1-1"] = (46, "AV1/90000", "level-idx=5;profile=1;tier=0"),
        ["h265"] = (35, "H265/90000", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"),
        ["h265-plain"] = (36, "H265/90000", ""),
        ["h265-10"] = (37, "H265/90000", "level-id=93;profile-id=2;tier-flag=0;tx-mode=SRST"),
        ["h265-mrst"] = (38, "H265/90000", "level-id=93;profile-id=1;tier-flag=0;tx-mode=MRST"),
        ["theora"] = (120, "theora/90000", ""),
        ["opus"] = (111, "opus/48000/2", "minptime=10;useinbandfec=1"),
        ["opus'"] = (121, "opus/48000/2", "minptime=10;useinbandfec=1"),
        ["red"] = (63, "red/48000/2", "111/111"),
        ["red'"] = (64, "red/48000/2", "121/121"),
        ["g722"] = (9, "G722/8000", ""),
        ["pcmu"] = (0, "PCMU/8000", ""),
        ["pcmu-static"] = (0, "", ""),
        ["pcma"] = (8, "PCMA/8000", ""),
        ["speex"] = (122, "speex/16000", ""),
    };

    /// <summary>An offer of one section, mid 0, with these formats (<c>a+b</c>) in this order.</summary>
    public static string Offer(string kind, string direction, string names)
    {
        var formats = names.Split('+').Select(name => s_formats[name]).ToArray();
        var text = new StringBuilder(Session).Append("a=group:BUNDLE 0\r\n")
            .Append($"m={kind} 9 UDP/TLS/RTP/SAVPF {string.Join(' ', formats.Select(format => format.PayloadType))}\r\na=mid:0\r\n")
            .Append(Transport).Append($"a={direction}\r\n");
        foreach ((byte payloadType, string map, string parameters) in formats)
        {
            if (map.Length > 0) text.Append($"a=rtpmap:{payloadType} {map}\r\n");
            if (parameters.Length > 0) text.Append($"a=fmtp:{payloadType} {parameters}\r\n");
        }

        return text.ToString();
    }

    /// <summary>The names of a section's payload types, <c>a+b</c>, among those that were offered.</summary>
    public static string Names(IEnumerable<byte> payloadTypes, string offered) =>
        string.Join('+', payloadTypes.Select(payloadType => offered.Split('+').Single(name => s_formats[name].PayloadType == payloadType)));
}
