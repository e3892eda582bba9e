using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Recorder.Evidence;

/// <summary>How manifests become bytes. They are serialized once; what is signed, stored and hashed are these bytes.</summary>
public static class ManifestJson
{
    private static readonly ManifestContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // names of people stay readable in a text editor
    });

    /// <summary>UTF-8 of a segment's manifest, with a line end.</summary>
    public static byte[] Serialize(SegmentManifest manifest) => Line(JsonSerializer.SerializeToUtf8Bytes(manifest, Context.SegmentManifest));

    /// <summary>UTF-8 of a sealed manifest, with a line end.</summary>
    public static byte[] Serialize(SealedManifest manifest) => Line(JsonSerializer.SerializeToUtf8Bytes(manifest, Context.SealedManifest));

    /// <summary>UTF-8 of the list of keys, with a line end.</summary>
    public static byte[] Serialize(KeyList keys) => Line(JsonSerializer.SerializeToUtf8Bytes(keys, Context.KeyList));

    /// <summary>Reads a segment's manifest that this recorder wrote; throws <see cref="JsonException"/> on anything else.</summary>
    public static SegmentManifest ReadSegment(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Context.SegmentManifest) ?? throw new JsonException("null");

    /// <summary>Reads a sealed manifest that this recorder wrote; throws <see cref="JsonException"/> on anything else.</summary>
    public static SealedManifest ReadSealed(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Context.SealedManifest) ?? throw new JsonException("null");

    /// <summary>Reads a list of keys that this recorder wrote; throws <see cref="JsonException"/> on anything else.</summary>
    public static KeyList ReadKeys(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.KeyList) ?? throw new JsonException("null");

    /// <summary>UTC with milliseconds, as in <c>2026-03-01T08:17:00.012Z</c>.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The same of microseconds since 1970.</summary>
    public static string Utc(long microseconds) => Utc(DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds));

    /// <summary>Lower-case hexadecimal.</summary>
    public static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash);

    private static byte[] Line(byte[] json) => [.. json, (byte)'\n'];
}

[JsonSerializable(typeof(SegmentManifest))]
[JsonSerializable(typeof(SealedManifest))]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class ManifestContext : JsonSerializerContext;
