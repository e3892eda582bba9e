using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>A room, without its participants.</summary>
public sealed record RoomResource
{
    /// <summary>Its name, unique among the open rooms of the API key's tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Id of this life of the room: a room that is created again under the same name gets another.</summary>
    public required string Id { get; init; }

    /// <summary>Free text of the application.</summary>
    public required string Metadata { get; init; }

    /// <summary>True while new participants are refused.</summary>
    public required bool Locked { get; init; }

    /// <summary>Participants without `roomAdmin` wait until they are admitted.</summary>
    public required bool Lobby { get; init; }

    /// <summary>Most participants at once, those in the lobby not counted.</summary>
    public required int MaxParticipants { get; init; }

    /// <summary>How long the room lives when nobody ever joined, in milliseconds.</summary>
    public required long EmptyTimeoutMs { get; init; }

    /// <summary>How long the room lives after the last participant left, in milliseconds.</summary>
    public required long DepartureTimeoutMs { get; init; }

    /// <summary>Whether the room is recorded, by its settings.</summary>
    public required RecordingPolicy Recording { get; init; }

    /// <summary>Whether participants must agree before they are recorded.</summary>
    public required ConsentMode Consent { get; init; }

    /// <summary>Whether it is recorded now.</summary>
    public required RoomRecordingState RecordingState { get; init; }

    /// <summary>When this life of the room began, Unix milliseconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Participants that joined, hidden ones not counted.</summary>
    public required int ParticipantCount { get; init; }

    /// <summary>Participants in the lobby.</summary>
    public required int WaitingCount { get; init; }

    internal static RoomResource From(RoomInfo room) => new()
    {
        Name = room.Key.Room,
        Id = room.Id,
        Metadata = room.Settings.Metadata,
        Locked = room.Locked,
        Lobby = room.Settings.Lobby,
        MaxParticipants = room.Settings.MaxParticipants,
        EmptyTimeoutMs = (long)room.Settings.EmptyTimeout.TotalMilliseconds,
        DepartureTimeoutMs = (long)room.Settings.DepartureTimeout.TotalMilliseconds,
        Recording = room.Settings.Recording,
        Consent = room.Settings.Consent,
        RecordingState = room.Recording?.State ?? RoomRecordingState.Off,
        CreatedAt = room.CreatedAt.ToUnixTimeMilliseconds(),
        ParticipantCount = room.ParticipantCount,
        WaitingCount = room.WaitingCount,
    };
}

/// <summary>Some of the tenant's open rooms, in the order of their names.</summary>
/// <param name="Rooms">The rooms.</param>
/// <param name="Next">The `after` of the next page; null when this is the last one.</param>
public sealed record RoomList(IReadOnlyList<RoomResource> Rooms, string? Next);
