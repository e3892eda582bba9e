using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Codecs;

/// <summary>One packet of tests/Vectors/rtp/browser-rtp.jsonl.gz.</summary>
/// <param name="Case">Which recording.</param>
/// <param name="Milliseconds">When it was received.</param>
/// <param name="Bytes">The whole packet.</param>
/// <param name="Header">Its header.</param>
/// <param name="Codec">What the offer says about its payload type; null for RTX and FEC.</param>
/// <param name="Payload">The payload without padding.</param>
internal sealed partial record RecordedRtp(string Case, int Milliseconds, byte[] Bytes, RtpHeader Header, MediaCodec? Codec, byte[] Payload)
{
    private static readonly Lazy<IReadOnlyList<RecordedRtp>> Recorded = new(Read);

    /// <summary>All RTP packets of all recordings, in order.</summary>
    public static IReadOnlyList<RecordedRtp> All => Recorded.Value;

    private static List<RecordedRtp> Read()
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(VectorFolder.PathOf("rtp", "browser-rtp.jsonl.gz")), CompressionMode.Decompress));
        var packets = new List<RecordedRtp>();
        var codecs = new Dictionary<int, MediaCodec>();
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            string name = root.GetProperty("case").GetString()!;
            if (root.TryGetProperty("sdp", out JsonElement sdp)) codecs = ReadCodecs(sdp.GetProperty("offer").GetString()!);
            else if (root.GetProperty("kind").GetString() == "rtp") packets.Add(ToPacket(name, root, codecs));
        }

        return packets;
    }

    private static RecordedRtp ToPacket(string name, JsonElement root, Dictionary<int, MediaCodec> codecs)
    {
        byte[] bytes = Convert.FromHexString(root.GetProperty("hex").GetString()!);
        Assert.Equal(DropReason.None, RtpHeader.Parse(bytes, out RtpHeader header));
        Assert.Equal(DropReason.None, header.TryGetPayload(bytes, out int length));
        MediaCodec? codec = codecs.TryGetValue(header.PayloadType, out MediaCodec known) ? known : null;
        return new RecordedRtp(name, root.GetProperty("t").GetInt32(), bytes, header, codec, bytes.AsSpan(header.PayloadAt, length).ToArray());
    }

    private static Dictionary<int, MediaCodec> ReadCodecs(string offer)
    {
        var codecs = new Dictionary<int, MediaCodec>();
        foreach (Match match in RtpMap().Matches(offer))
            if (Enum.TryParse(match.Groups[2].Value, ignoreCase: true, out MediaCodec codec)) codecs[int.Parse(match.Groups[1].Value)] = codec;
        return codecs;
    }

    [GeneratedRegex(@"a=rtpmap:(\d+) ([A-Za-z0-9]+)/")]
    private static partial Regex RtpMap();
}
