namespace Sfu.Rooms;

/// <summary>Somebody with a valid token wants in. Holds no secret: silo traffic is not encrypted.</summary>
[GenerateSerializer, Immutable]
public sealed record JoinRequest
{
    /// <summary>From the token's <c>sub</c>.</summary>
    [Id(0)] public required string Identity { get; init; }

    /// <summary>Display name; may be empty.</summary>
    [Id(1)] public string Name { get; init; } = "";

    /// <summary>Free text of the application.</summary>
    [Id(2)] public string Metadata { get; init; } = "";

    /// <summary>From the token's grants.</summary>
    [Id(3)] public required ParticipantRights Rights { get; init; }

    /// <summary>The caller's new session (<see cref="ServerIds.NewSession"/>). Asking again with the same one returns the same participant.</summary>
    [Id(4)] public required SessionId Session { get; init; }

    /// <summary>Base64 SHA-256 of the resume secret that the caller made; empty when the client cannot resume.</summary>
    [Id(5)] public string SecretHash { get; init; } = "";

    /// <summary>The process that will carry its media (<see cref="Placement.ILocalNode.Id"/>).</summary>
    [Id(6)] public required string Node { get; init; }

    /// <summary>What it connects with.</summary>
    [Id(7)] public required ClientInfo Client { get; init; }

    /// <summary>The room may be created by this join: the token has <c>roomCreate</c>, or the configuration says so.</summary>
    [Id(8)] public bool MayCreate { get; init; }

    /// <summary>When the participant must go, or null when the token only admits.</summary>
    [Id(9)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What the token says about recording this participant; null = as the room.</summary>
    [Id(10)] public Recordings.RecordingPolicy? Recording { get; init; }

    /// <summary>It agreed to be recorded before it came: SHA-256 of the text, hexadecimal; null = it did not say.</summary>
    [Id(11)] public string? ConsentText { get; init; }
}

/// <summary>A client continues its session on another socket.</summary>
/// <param name="Session">The session.</param>
/// <param name="SecretHash">Base64 SHA-256 of the secret that the client showed.</param>
/// <param name="NewSecretHash">Base64 SHA-256 of the secret it gets instead; the shown one stays good until
/// <see cref="IRoomGrain.ConfirmAsync"/>, since the answer may be lost.</param>
/// <param name="AfterSeq">Number of the last event it saw.</param>
/// <param name="Node">The process that asks and will carry its media from here (<see cref="Placement.ILocalNode.Id"/>): after a restart of the
/// server it is another than the one it joined on.</param>
[GenerateSerializer, Immutable]
public sealed record ResumeRequest(SessionId Session, string SecretHash, string NewSecretHash, long AfterSeq, string Node);
