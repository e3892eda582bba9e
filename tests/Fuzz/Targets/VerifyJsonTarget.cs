using System.Text;
using System.Text.Json;
using Sfu.Verify;

namespace Sfu.Fuzz.Targets;

/// <summary>The verifier's readers of manifests, keys and sums: whatever a file holds, it is read or it is malformed.</summary>
internal sealed class VerifyJsonTarget : FuzzTarget
{
    private const string Hash = "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"";

    private const string Tracks = """
        "tracks":[{"no":1,"streams":[{"ssrc":"1f2e3d4c","firstSeq":1,"lastSeq":9,"received":7,"archived":7,"senderPackets":null,"duplicates":0,
        "repaired":0,"bytes":700,"lost":[[3,4]],"withheld":[]}]}]
        """;

    public override string Name => "verify-json";

    public override string SeedKind => "json";

    public override bool IsText => true;

    /// <summary>A document, its strings and one exception.</summary>
    public override long AllocationLimit(int length) => 64 * 1024 + 256L * length;

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. new[]
        {
            $$"""{"v":"sfu-seg/1","alg":"ES256","recording":"r","segment":1,"node":"n","prevManifestSha256":{{Hash}},"object":{"name":"o","bytes":1,"sha256":{{Hash}}},"chain":{"prev":{{Hash}},"first":{{Hash}},"last":{{Hash}},"firstChunk":0,"chunks":1},"merkle":{"alg":"rfc9162-sha256","size":1,"root":{{Hash}}},{{Tracks}}}""",
            $$"""{"v":"sfu-rec/1","alg":"ES256","recording":"r","chain":{"first":{{Hash}},"last":{{Hash}},"chunks":1},"merkle":{"alg":"rfc9162-sha256","size":1,"root":{{Hash}}},"segments":[{"no":1,"node":"n","manifestSha256":{{Hash}},"objectSha256":{{Hash}},"firstChunk":0,"chunks":1,"last":{{Hash}},"merkleRoot":{{Hash}}}],{{Tracks}},"gaps":[{"track":1,"ssrc":"1f2e3d4c","cause":"wire_loss","fromUtc":"a","toUtc":"b","ms":40,"firstSeq":3,"lastSeq":4,"packets":2}],"gapsOmitted":0,"interruptions":[]}""",
            """{"v":"sfu-keys/1","root":"root-1","keys":[{"id":"a","alg":"ES256","pem":"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n","notBefore":"2026-03-01T08:00:00.000Z","notAfter":"2026-03-01T08:00:00.000Z"}]}""",
            $"{Hash.Trim('"')}  seg/a/seg-000001.sfuj\n{Hash.Trim('"')}  keys.json\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override int MaxLength => 3000;

    public override long Run(ReadOnlySpan<byte> input)
    {
        byte[] text = input.ToArray();
        int read = Try(() => SegmentFile.Parse(Parse(text)))
            + 2 * Try(() => SealedFile.Parse(Parse(text)).CompareGaps())
            + 4 * Try(() => KeyRing.Parse(text).Dispose())
            + 8 * Try(() => Sums.Parse(text));
        return read;
    }

    private static JsonElement Parse(byte[] text)
    {
        using JsonDocument document = Json.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>1 when it was read; 0 when it is malformed; anything else is a bug and goes on up.</summary>
    private static int Try(Action read)
    {
        try
        {
            read();
            return 1;
        }
        catch (MalformedException)
        {
            return 0;
        }
    }
}
