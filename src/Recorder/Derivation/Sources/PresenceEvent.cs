using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>The event <c>participant_present</c> of track 0 (docs/evidence.md section 2): who is in the room and recorded when the recording begins
/// or goes on, or agrees to it later. Of all others the room's own events tell.</summary>
/// <param name="Event">Always <c>participant_present</c>.</param>
/// <param name="Participant">Its id.</param>
/// <param name="Identity">Its identity; null when it was told before, or must not be told.</param>
/// <param name="Name">Its name, which may be empty; null with the identity.</param>
public sealed record PresenceEvent(string Event, string Participant, string? Identity, string? Name)
{
    /// <summary>The name of the event.</summary>
    public const string EventName = "participant_present";

    /// <summary>The event as UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PresenceEventContext.Default.PresenceEvent);
}

[JsonSerializable(typeof(PresenceEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class PresenceEventContext : JsonSerializerContext;
