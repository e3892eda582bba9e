using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Recorder.Derivation;

/// <summary><c>derivation.json</c>: what a derivation was made of, by what, and what it left out. The same inputs give the same text.</summary>
/// <param name="V">Always <c>sfu-der/1</c>.</param>
/// <param name="Id">The derivation.</param>
/// <param name="Recording">The recording.</param>
/// <param name="Kind"><c>track</c>, <c>audio</c> or <c>composite</c>.</param>
/// <param name="Layout">Of a composite, else null.</param>
/// <param name="StartUtc">Time 0 of the recording.</param>
/// <param name="LengthMs">To its last record.</param>
/// <param name="Tool">Version of this program.</param>
/// <param name="Ffmpeg">Version of FFmpeg's libraries.</param>
/// <param name="Filters">Text of the filter graphs that were used.</param>
/// <param name="Sources">What it was made of.</param>
/// <param name="UnreadableChunks">Chunks without a key, or that did not open.</param>
/// <param name="UnusableFrames">Frames and packets that came but are no use to a decoder.</param>
/// <param name="Clocks">How well the streams' clocks are known.</param>
/// <param name="Files">What was made, in order.</param>
public sealed record DerivationManifest(
    string V, string Id, string Recording, string Kind, string? Layout, string StartUtc, double LengthMs, string Tool, string Ffmpeg, IReadOnlyList<string> Filters,
    IReadOnlyList<SourceObject> Sources, long UnreadableChunks, long UnusableFrames, IReadOnlyList<DerivationManifest.ClockEntry> Clocks, IReadOnlyList<DerivedFile> Files)
{
    /// <summary>Its name in the folder of the derivation.</summary>
    public const string FileName = "derivation.json";

    private static readonly DerivationContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The clock of one stream.</summary>
    /// <param name="Track">Its track.</param>
    /// <param name="Ssrc">Eight hexadecimal digits.</param>
    /// <param name="Reports">Sender reports used; 0: arrivals stood in.</param>
    /// <param name="Epochs">Stretches between steps of the sender's clocks.</param>
    /// <param name="ResidualP99Ms">How far reports are from the fit.</param>
    /// <param name="SkewPpm">How fast the sender's RTP clock runs against its wall clock.</param>
    public sealed record ClockEntry(int Track, string Ssrc, int Reports, int Epochs, double ResidualP99Ms, double SkewPpm);

    /// <summary>UTF-8 with a line end.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Context.DerivationManifest), (byte)'\n'];

    /// <summary>Reads what <see cref="ToJson"/> wrote; throws <see cref="JsonException"/> on anything else.</summary>
    public static DerivationManifest Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.DerivationManifest) ?? throw new JsonException("null");
}

[JsonSerializable(typeof(DerivationManifest))]
internal sealed partial class DerivationContext : JsonSerializerContext;
