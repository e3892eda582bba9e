using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Media.Rtp;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>The event <c>track_described</c> of track 0: what manifests do not say of a track. Later ones of a track replace earlier ones.</summary>
/// <param name="Event">Always <c>track_described</c>.</param>
/// <param name="Track">Its number.</param>
/// <param name="Name">What to call the participant.</param>
/// <param name="Formats">What its payload types are.</param>
/// <param name="Extensions">Names of <see cref="HeaderExtensionKind"/> by header extension id.</param>
public sealed record TrackEvent(
    string Event, int Track, string? Name, IReadOnlyList<TrackEvent.FormatEntry>? Formats, IReadOnlyDictionary<string, string>? Extensions)
{
    /// <summary>The name of the event.</summary>
    public const string EventName = "track_described";

    /// <summary>One payload type.</summary>
    /// <param name="PayloadType">0 to 127.</param>
    /// <param name="Codec">As in SDP.</param>
    /// <param name="ClockRate">RTP clock in Hz.</param>
    public sealed record FormatEntry(byte PayloadType, string Codec, int ClockRate);

    /// <summary>The event as UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TrackEventContext.Default.TrackEvent);

    /// <summary>Reads an event; null for any other, and for what is no event.</summary>
    public static TrackEvent? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TrackEventContext.Default.TrackEvent) is { Event: EventName } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Adds what it says to a track.</summary>
    internal SourceTrack Apply(SourceTrack track)
    {
        List<SourceFormat> formats = [];
        foreach (FormatEntry entry in Formats ?? [])
            if (SourceFormat.TryParseCodec(entry.Codec, out var codec) && entry.ClockRate > 0) formats.Add(new SourceFormat(entry.PayloadType, null, codec, entry.ClockRate));
        var extensions = new List<KeyValuePair<byte, HeaderExtensionKind>>();
        foreach ((string id, string kind) in Extensions ?? new Dictionary<string, string>())
            if (byte.TryParse(id, out byte number) && number > 0 && Enum.TryParse(kind, out HeaderExtensionKind known)) extensions.Add(new(number, known));
        return track with
        {
            Name = Name ?? track.Name,
            Formats = formats.Count > 0 ? [.. formats, .. track.Formats] : track.Formats,
            Extensions = extensions.Count > 0 ? new HeaderExtensionMap(extensions) : track.Extensions,
        };
    }
}

[JsonSerializable(typeof(TrackEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TrackEventContext : JsonSerializerContext;
