using System.IO.Compression;
using System.Text.Json;
using Sfu.Media.Codecs;
using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>One browser's recorded session of tests/Vectors/rtp: its offer, negotiated as the server does, and its packets.</summary>
internal sealed class RecordedCall
{
    private RecordedCall(string name, string offer)
    {
        Name = name;
        Producers = Negotiate(name, offer);
    }

    public string Name { get; }

    public IReadOnlyList<ProducerParameters> Producers { get; }

    public List<(int Milliseconds, bool IsRtcp, byte[] Bytes)> Packets { get; } = [];

    public static RecordedCall Read(string name)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Path()), CompressionMode.Decompress));
        RecordedCall? call = null;
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.GetProperty("case").GetString() != name) continue;
            if (root.TryGetProperty("sdp", out JsonElement sdp)) call = new RecordedCall(name, sdp.GetProperty("offer").GetString()!);
            else
                call!.Packets.Add((
                    root.GetProperty("t").GetInt32(), root.GetProperty("kind").GetString() == "rtcp", Convert.FromHexString(root.GetProperty("hex").GetString()!)));
        }

        return call ?? throw new ArgumentException("no such recording", nameof(name));
    }

    private static List<ProducerParameters> Negotiate(string name, string offer)
    {
        Assert.True(SessionDescription.TryParse(offer, out SessionDescription? description, out SdpError? error), error?.ToString());
        Assert.True(OfferView.TryRead(description, null, out OfferView? view, out error), error?.ToString());
        MediaCodec video = Enum.Parse<MediaCodec>(name.Split('-')[1], ignoreCase: true);
        // The recording server had taken this codec, of H.264 the plain baseline.
        ServerCapabilities server = ServerCapabilities.Default with
        {
            Codecs = [.. ServerCapabilities.Default.Codecs.Where(c =>
                c.Codec == video && (video != MediaCodec.H264 || c.Parameters.Contains("42001f", StringComparison.Ordinal)) || c.Codec is MediaCodec.Opus or MediaCodec.Red)],
        };
        var producers = new List<ProducerParameters>();
        foreach (OfferSection section in view.Sections)
        {
            if (!CodecNegotiator.TryPublish(section, server, out PublishSelection? selection, out _)) continue;
            producers.Add(new ProducerParameters(
                selection.Kind, selection.Mid, selection.Codecs, selection.Extensions,
                [.. selection.Encodings.Select(e => new EncodingParameters(e.Rid, e.Ssrc, e.RtxSsrc, e.MaxWidth, e.MaxHeight))]));
        }

        return producers;
    }

    private static string Path()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string file = System.IO.Path.Combine(at.FullName, "tests", "Vectors", "rtp", "browser-rtp.jsonl.gz");
            if (File.Exists(file)) return file;
        }

        throw new FileNotFoundException("tests/Vectors is not above the test assembly.");
    }
}
