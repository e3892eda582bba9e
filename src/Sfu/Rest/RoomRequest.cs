using System.Text.Json.Serialization;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Settings of a room; what is absent or null keeps its default or its present value.</summary>
public record UpdateRoomRequest
{
    /// <summary>Free text of the application, at most 2,048 characters.</summary>
    public string? Metadata { get; init; }

    /// <summary>Most participants at once, those in the lobby not counted.</summary>
    public int? MaxParticipants { get; init; }

    /// <summary>How long the room lives when nobody ever joined, in milliseconds.</summary>
    public long? EmptyTimeoutMs { get; init; }

    /// <summary>How long the room lives after the last participant left, in milliseconds.</summary>
    public long? DepartureTimeoutMs { get; init; }

    /// <summary>Participants without `roomAdmin` wait until they are admitted.</summary>
    public bool? Lobby { get; init; }

    /// <summary>Whether the room is recorded; needs `roomRecord` without `roomJoin` too.</summary>
    public RecordingPolicy? Recording { get; init; }

    /// <summary>Whether participants must agree before they are recorded; needs `roomRecord` without `roomJoin` too.</summary>
    public ConsentMode? Consent { get; init; }

    internal RoomDraft ToDraft() => new()
    {
        Metadata = Metadata,
        MaxParticipants = MaxParticipants,
        EmptyTimeout = EmptyTimeoutMs is { } empty ? TimeSpan.FromMilliseconds(empty) : null,
        DepartureTimeout = DepartureTimeoutMs is { } departure ? TimeSpan.FromMilliseconds(departure) : null,
        Lobby = Lobby,
        Recording = Recording,
        Consent = Consent,
    };
}

/// <summary>A room to create.</summary>
public sealed record CreateRoomRequest : UpdateRoomRequest
{
    /// <summary>1 to 128 of `A-Za-z0-9._-`.</summary>
    [JsonRequired]
    public required string Name { get; init; }
}

/// <summary>Texts of a participant; what is absent or null stays.</summary>
/// <param name="Name">Display name, at most 128 characters.</param>
/// <param name="Metadata">Free text of the application, at most 2,048 characters.</param>
public sealed record UpdateParticipantRequest(string? Name = null, string? Metadata = null);
