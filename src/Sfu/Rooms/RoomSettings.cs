using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>What a room was created with, complete: defaults of the configuration are filled in at creation.</summary>
[GenerateSerializer, Immutable]
public sealed record RoomSettings
{
    /// <summary>Most participants at once, those in the lobby not counted.</summary>
    [Id(0)] public required int MaxParticipants { get; init; }

    /// <summary>How long a room lives that nobody ever joined.</summary>
    [Id(1)] public required TimeSpan EmptyTimeout { get; init; }

    /// <summary>How long a room lives after the last participant left.</summary>
    [Id(2)] public required TimeSpan DepartureTimeout { get; init; }

    /// <summary>Participants without <c>roomAdmin</c> wait until they are admitted.</summary>
    [Id(3)] public bool Lobby { get; init; }

    /// <summary>Free text of the application, at most 2,048 characters.</summary>
    [Id(4)] public string Metadata { get; init; } = "";

    /// <summary>Whether the room is recorded. Rooms of logs that were written without it are not.</summary>
    [Id(5)] public RecordingPolicy Recording { get; init; }

    /// <summary>Whether participants must agree before they are recorded.</summary>
    [Id(6)] public ConsentMode Consent { get; init; }
}

/// <summary>What a back end asks for when it creates or changes a room; null keeps the default or the present value.</summary>
[GenerateSerializer, Immutable]
public sealed record RoomDraft
{
    /// <inheritdoc cref="RoomSettings.MaxParticipants"/>
    [Id(0)] public int? MaxParticipants { get; init; }

    /// <inheritdoc cref="RoomSettings.EmptyTimeout"/>
    [Id(1)] public TimeSpan? EmptyTimeout { get; init; }

    /// <inheritdoc cref="RoomSettings.DepartureTimeout"/>
    [Id(2)] public TimeSpan? DepartureTimeout { get; init; }

    /// <inheritdoc cref="RoomSettings.Lobby"/>
    [Id(3)] public bool? Lobby { get; init; }

    /// <inheritdoc cref="RoomSettings.Metadata"/>
    [Id(4)] public string? Metadata { get; init; }

    /// <inheritdoc cref="RoomSettings.Recording"/>
    [Id(5)] public RecordingPolicy? Recording { get; init; }

    /// <inheritdoc cref="RoomSettings.Consent"/>
    [Id(6)] public ConsentMode? Consent { get; init; }
}
