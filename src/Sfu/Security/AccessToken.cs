using Sfu.Rooms;

namespace Sfu.Security;

/// <summary>A token that was checked: who speaks, for which tenant, with which grants.</summary>
public sealed record AccessToken
{
    /// <summary>Name of the API key that signed it (<c>iss</c>).</summary>
    public required string ApiKey { get; init; }

    /// <summary>The key's tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary><c>sub</c>; empty for back ends that join nothing.</summary>
    public required string Identity { get; init; }

    /// <summary>Display name; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text of the application.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The <c>video</c> claim.</summary>
    public required VideoGrants Grants { get; init; }

    /// <summary>What a participant with this token may do in its room.</summary>
    public ParticipantRights ToRights() => new(
        Grants.CanPublish, Grants.CanSubscribe, Grants.CanPublishData, Grants.RoomAdmin, Grants.Hidden, Grants.Recorder, Grants.CanPublishSources)
    {
        Record = Grants.RoomRecord,
    };
}

/// <summary>The grants of a token's <c>video</c> claim.</summary>
public sealed record VideoGrants
{
    /// <summary>The one room that <see cref="RoomJoin"/> and <see cref="RoomAdmin"/> are for; null = none (back ends that create or list).</summary>
    public string? Room { get; init; }

    /// <summary>May join <see cref="Room"/>.</summary>
    public bool RoomJoin { get; init; }

    /// <summary>May create and delete rooms.</summary>
    public bool RoomCreate { get; init; }

    /// <summary>May list rooms.</summary>
    public bool RoomList { get; init; }

    /// <summary>May moderate <see cref="Room"/>.</summary>
    public bool RoomAdmin { get; init; }

    /// <summary>May start and stop recordings.</summary>
    public bool RoomRecord { get; init; }

    /// <summary>May publish tracks; true when the token does not say.</summary>
    public bool CanPublish { get; init; } = true;

    /// <summary>May receive tracks; true when the token does not say.</summary>
    public bool CanSubscribe { get; init; } = true;

    /// <summary>May send data; as <see cref="CanPublish"/> when the token does not say.</summary>
    public bool CanPublishData { get; init; } = true;

    /// <summary>Sources that may be published; empty = all.</summary>
    public IReadOnlyList<TrackSource> CanPublishSources { get; init; } = [];

    /// <summary>Appears in no list and no event.</summary>
    public bool Hidden { get; init; }

    /// <summary>Joins to record.</summary>
    public bool Recorder { get; init; }

    /// <summary>What recording means for this participant; null = as the room.</summary>
    public Recordings.RecordingPolicy? Recording { get; init; }

    /// <summary>The participant agreed to be recorded before it came, as the application says: SHA-256 of the text that it agreed to, 64 lower-case
    /// hexadecimal digits; null = it did not say.</summary>
    public string? RecordingConsent { get; init; }
}
