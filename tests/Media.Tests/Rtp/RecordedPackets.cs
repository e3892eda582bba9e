using System.IO.Compression;
using System.Text.Json;

namespace Sfu.Media.Tests.Rtp;

/// <summary>One plain packet of a browser, from tests/Vectors/rtp/browser-rtp.jsonl.gz.</summary>
/// <param name="Case">Browser and codec, such as <c>chromium-vp8-simulcast</c>.</param>
/// <param name="Milliseconds">When it came.</param>
/// <param name="IsRtcp">RTCP rather than RTP.</param>
/// <param name="Bytes">The whole packet.</param>
internal sealed record RecordedPacket(string Case, long Milliseconds, bool IsRtcp, byte[] Bytes);

/// <summary>Reads the recording.</summary>
internal static class RecordedPackets
{
    /// <summary>RTX payload type of each recorded case and the payload type it repairs, as the recorded SDPs say.</summary>
    public static readonly IReadOnlyDictionary<(string Client, byte Rtx), byte> Repaired = new Dictionary<(string, byte), byte>
    {
        [("chromium", 97)] = 96,
        [("chromium", 99)] = 98,
        [("chromium", 103)] = 102,
        [("chromium", 46)] = 45,
        [("firefox", 124)] = 120,
        [("firefox", 100)] = 99,
    };

    public static IReadOnlyList<RecordedPacket> All { get; } = [.. Read()];

    private static IEnumerable<RecordedPacket> Read()
    {
        using var file = new GZipStream(File.OpenRead(VectorFolder.PathOf("rtp", "browser-rtp.jsonl.gz")), CompressionMode.Decompress);
        using var text = new StreamReader(file);
        while (text.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (!root.TryGetProperty("hex", out JsonElement hex)) continue;
            yield return new RecordedPacket(
                root.GetProperty("case").GetString()!, root.GetProperty("t").GetInt64(), root.GetProperty("kind").GetString() == "rtcp",
                Convert.FromHexString(hex.GetString()!));
        }
    }
}
