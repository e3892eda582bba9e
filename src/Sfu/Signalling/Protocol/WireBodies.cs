using System.Text.Json.Serialization;

namespace Sfu.Signalling.Protocol;

/// <summary>The participant object of docs/signalling.md section 4.</summary>
internal sealed record ParticipantBody(
    string Id, string Identity, string Name, string Metadata, string State, string Role, long JoinedAt, IReadOnlyList<TrackBody> Tracks,
    string Recording,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RightsBody? Rights);

/// <summary>What one may do; shown to oneself only.</summary>
internal sealed record RightsBody(bool Publish, bool Subscribe, bool Data, bool Admin, IReadOnlyList<string> Sources, bool Record);

/// <summary>The track object.</summary>
internal sealed record TrackBody(
    string Id, string Participant, string Kind, string Source, string Name, bool Muted,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MutedBy);

/// <summary>The room object.</summary>
internal sealed record RoomBody(
    string Id, string Name, string Metadata, bool Locked, bool Lobby, int MaxParticipants,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ParticipantBody>? Waiting);

/// <summary>What one who waits learns of the room.</summary>
internal sealed record RoomNameBody(string Name);

/// <summary>One entry of <c>RTCConfiguration.iceServers</c>.</summary>
internal sealed record IceServerBody(
    IReadOnlyList<string> Urls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Credential)
{
    /// <summary>The addresses only: the credential never appears in a log.</summary>
    public override string ToString() => string.Join(' ', Urls);
}

/// <summary>What the server allows one client.</summary>
internal sealed record LimitsBody(
    int FrameBytes, int OfferBytes, int MessagesPerSecond, int MessageBurst, int Tracks, int Subscriptions, long PingIntervalMs, long IdleTimeoutMs);

/// <summary>Whether the room is recorded; everything but the state is left out while it never was.</summary>
internal sealed record RecordingBody(
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Policy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Consent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

/// <summary>What one section of an answer carries.</summary>
internal sealed record AnsweredTrackBody(
    string Track, string Participant, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Refused);

/// <summary>One who speaks.</summary>
internal sealed record SpeakerBody(string Participant, string Track, int Level);

/// <summary>How good one connection is; the numbers for oneself only.</summary>
internal sealed record QualityBody(
    string Participant, string Quality,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RttMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? LossUp,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? LossDown,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? JitterMs);
