using System.Text.Json.Serialization;

namespace Sfu.Signalling.Protocol;

/// <summary>One message to a client (docs/signalling.md section 4). Members named <c>re</c> carry the id of the request they answer.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(JoinedMessage), "joined")]
[JsonDerivedType(typeof(WaitingMessage), "waiting")]
[JsonDerivedType(typeof(AnswerMessage), "answer")]
[JsonDerivedType(typeof(NegotiateMessage), "negotiate")]
[JsonDerivedType(typeof(MediaStateMessage), "media")]
[JsonDerivedType(typeof(LayersStateMessage), "layers")]
[JsonDerivedType(typeof(ForcedMuteMessage), "mute")]
[JsonDerivedType(typeof(DataDeliveryMessage), "data")]
[JsonDerivedType(typeof(SpeakersMessage), "speakers")]
[JsonDerivedType(typeof(QualityMessage), "quality")]
[JsonDerivedType(typeof(PongMessage), "pong")]
[JsonDerivedType(typeof(OkMessage), "ok")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
[JsonDerivedType(typeof(ByeMessage), "bye")]
internal abstract record ServerMessage;

/// <summary>In the room.</summary>
internal sealed record JoinedMessage : ServerMessage
{
    /// <summary>The <c>join</c> that is answered.</summary>
    public required int Re { get; init; }

    /// <summary>The session, for resuming.</summary>
    public required string Session { get; init; }

    /// <summary>Shown to resume; each is good once.</summary>
    public required string Secret { get; init; }

    /// <summary>How long the session outlives its socket, ms.</summary>
    public required long ResumeWindowMs { get; init; }

    /// <summary>Oneself, with rights.</summary>
    public required ParticipantBody Participant { get; init; }

    /// <summary>The room.</summary>
    public required RoomBody Room { get; init; }

    /// <summary>The others.</summary>
    public required IReadOnlyList<ParticipantBody> Participants { get; init; }

    /// <summary>For <c>RTCPeerConnection</c>.</summary>
    public required IReadOnlyList<IceServerBody> IceServers { get; init; }

    /// <summary>What the server allows.</summary>
    public required LimitsBody Limits { get; init; }

    /// <summary>Whether the room is recorded.</summary>
    public required RecordingBody Recording { get; init; }

    /// <summary>The last event that is contained.</summary>
    public required long Seq { get; init; }

    /// <summary>The session goes on.</summary>
    public required bool Resumed { get; init; }

    /// <summary><c>none</c>, <c>connected</c> or <c>closed</c>: then the session needs a new peer connection.</summary>
    public required string Media { get; init; }

    /// <summary>The session only: the secret never appears in a log.</summary>
    public override string ToString() => $"joined {Session}";
}

/// <summary>In the lobby.</summary>
internal sealed record WaitingMessage(int Re, string Session, RoomNameBody Room, ParticipantBody Participant) : ServerMessage;

/// <summary>The answer to an offer.</summary>
internal sealed record AnswerMessage(int Re, int Rev, string Sdp, IReadOnlyDictionary<string, AnsweredTrackBody> Tracks) : ServerMessage;

/// <summary>Offer again, with so many more receiving sections.</summary>
internal sealed record NegotiateMessage(int Audio, int Video, string Reason) : ServerMessage;

/// <summary>Media flows, or does no more.</summary>
internal sealed record MediaStateMessage(string State, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason)
    : ServerMessage;

/// <summary>What is really sent of a track.</summary>
internal sealed record LayersStateMessage(string Track, string? Rid, int Temporal, bool Paused, string Reason) : ServerMessage;

/// <summary>Somebody else muted a track of one's own.</summary>
internal sealed record ForcedMuteMessage(string Track, bool Muted, string? By, string Reason) : ServerMessage;

/// <summary>A data message.</summary>
internal sealed record DataDeliveryMessage(
    string? From, bool Direct, string Topic,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Base64,
    long At) : ServerMessage;

/// <summary>Who speaks, loudest first.</summary>
internal sealed record SpeakersMessage(string? Dominant, IReadOnlyList<SpeakerBody> Speakers) : ServerMessage;

/// <summary>How good the connections are.</summary>
internal sealed record QualityMessage(IReadOnlyList<QualityBody> Participants) : ServerMessage;

/// <summary>The answer to a ping.</summary>
internal sealed record PongMessage([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Re, long T, long Now)
    : ServerMessage;

/// <summary>Done.</summary>
internal sealed record OkMessage(int Re) : ServerMessage;

/// <summary>Refused.</summary>
internal sealed record ErrorMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Re,
    string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? RetryAfterMs) : ServerMessage;

/// <summary>The last message of a socket.</summary>
internal sealed record ByeMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Re, string Reason, string Action, long AfterMs)
    : ServerMessage;
