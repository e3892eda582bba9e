using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>One participant as the room knows it. Immutable; a change makes a copy.</summary>
[GenerateSerializer, Immutable]
public sealed record Participant
{
    /// <summary>Server-made id of this participation.</summary>
    [Id(0)] public required ParticipantId Id { get; init; }

    /// <summary>Who it is, from the token; unique among those who are joined or waiting.</summary>
    [Id(1)] public required string Identity { get; init; }

    /// <summary>Display name; may be empty.</summary>
    [Id(2)] public string Name { get; init; } = "";

    /// <summary>Free text of the application, at most 2,048 characters.</summary>
    [Id(3)] public string Metadata { get; init; } = "";

    /// <summary>Waiting in the lobby or joined.</summary>
    [Id(4)] public required ParticipantState State { get; init; }

    /// <summary>What the token allows.</summary>
    [Id(5)] public required ParticipantRights Rights { get; init; }

    /// <summary>When it joined; while waiting, when it asked.</summary>
    [Id(6)] public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>The signalling session that speaks for it.</summary>
    [Id(7)] public required SessionId Session { get; init; }

    /// <summary>SHA-256 of the session's resume secret; empty when it cannot resume. Never leaves the server.</summary>
    [Id(8)] public string SecretHash { get; init; } = "";

    /// <summary>The process (<see cref="Placement.ILocalNode.Id"/>) that carries its media; another incarnation of a node is another id.</summary>
    [Id(9)] public required string Node { get; init; }

    /// <summary>SHA-256 of the secret that the client showed when it got the present one: good until it has shown that it knows the present
    /// one, because the answer may have been lost; else empty. Never leaves the server.</summary>
    [Id(13)] public string PreviousSecretHash { get; init; } = "";

    /// <summary>What kind of client it is.</summary>
    [Id(10)] public required ClientInfo Client { get; init; }

    /// <summary>When its grant ends, or null when the token only admits.</summary>
    [Id(11)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it publishes, oldest first.</summary>
    [Id(12)] public IReadOnlyList<Track> Tracks { get; init; } = [];

    /// <summary>Whether it is recorded now.</summary>
    [Id(14)] public ParticipantRecordingState Recording { get; init; }

    /// <summary>What its token or the back end says about recording it; null = as the room. <see cref="RecordingPolicy.Off"/> = never.</summary>
    [Id(15)] public RecordingPolicy? RecordingPolicy { get; init; }

    /// <summary>Whether it agreed to be recorded; null = it did not say.</summary>
    [Id(16)] public bool? Consent { get; init; }

    /// <summary>SHA-256 of the text that it agreed to before it came, hexadecimal; null when it was asked here, or not at all.</summary>
    [Id(17)] public string? ConsentText { get; init; }

    /// <summary>Host, participant or viewer, from its rights.</summary>
    public ParticipantRole Role =>
        Rights.Admin ? ParticipantRole.Host : Rights.Publish ? ParticipantRole.Participant : ParticipantRole.Viewer;
}

/// <summary>Where a participant stands.</summary>
[GenerateSerializer]
public enum ParticipantState
{
    /// <summary>In the lobby, until a host or the back end admits or refuses.</summary>
    Waiting,

    /// <summary>In the room.</summary>
    Joined,
}

/// <summary>What others see of a participant's rights.</summary>
[GenerateSerializer]
public enum ParticipantRole
{
    /// <summary>Has <c>roomAdmin</c>.</summary>
    Host,

    /// <summary>May publish.</summary>
    Participant,

    /// <summary>May not publish.</summary>
    Viewer,
}

/// <summary>What a participant may do, from its token.</summary>
/// <param name="Publish">May publish tracks.</param>
/// <param name="Subscribe">May receive tracks.</param>
/// <param name="Data">May send data messages.</param>
/// <param name="Admin">May lock, mute others, kick, admit.</param>
/// <param name="Hidden">Appears in no list and no event of others.</param>
/// <param name="Recorder">Joined to record.</param>
/// <param name="Sources">Sources it may publish; empty = all.</param>
[GenerateSerializer, Immutable]
public sealed record ParticipantRights(
    bool Publish, bool Subscribe, bool Data, bool Admin, bool Hidden, bool Recorder, IReadOnlyList<TrackSource> Sources)
{
    /// <summary>May start, pause and stop the room's recording, together with <see cref="Admin"/>.</summary>
    [Id(0)] public bool Record { get; init; }

    /// <summary>True when tracks of this source may be published.</summary>
    public bool MayPublish(TrackSource source) => Publish && (Sources.Count == 0 || Sources.Contains(source));
}

/// <summary>What a participant connects with.</summary>
/// <param name="Protocol">How it signals.</param>
/// <param name="Name">The client program's name, or empty.</param>
/// <param name="Version">Its version, or empty.</param>
[GenerateSerializer, Immutable]
public sealed record ClientInfo(ClientProtocol Protocol, string Name = "", string Version = "");

/// <summary>How a client signals.</summary>
[GenerateSerializer]
public enum ClientProtocol
{
    /// <summary>The WebSocket protocol <c>sfu.v1</c>.</summary>
    WebSocket,

    /// <summary>WHIP (RFC 9725).</summary>
    Whip,

    /// <summary>WHEP.</summary>
    Whep,
}
