using Sfu.Media.Rtp;

namespace Sfu.Rooms;

/// <summary>One published track, as clients see it. Immutable; a change makes a copy.</summary>
[GenerateSerializer, Immutable]
public sealed record Track
{
    /// <summary>Server-made id.</summary>
    [Id(0)] public required TrackId Id { get; init; }

    /// <summary>Who publishes it.</summary>
    [Id(1)] public required ParticipantId Participant { get; init; }

    /// <summary>Audio or video.</summary>
    [Id(2)] public required MediaKind Kind { get; init; }

    /// <summary>What it shows or carries.</summary>
    [Id(3)] public required TrackSource Source { get; init; }

    /// <summary>The publisher's name for it; may be empty.</summary>
    [Id(4)] public string Name { get; init; } = "";

    /// <summary>Who muted it; null while it is open.</summary>
    [Id(5)] public MutedBy? MutedBy { get; init; }

    /// <summary>The codec the publisher is expected to send, as in rtpmap; empty when not known.</summary>
    [Id(6)] public string Codec { get; init; } = "";

    /// <summary>Sent in several encodings.</summary>
    [Id(7)] public bool Simulcast { get; init; }

    /// <summary>Nothing of it is forwarded.</summary>
    public bool Muted => MutedBy is not null;
}

/// <summary>A track that a participant wants to publish.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Source">What it carries; an audio source with a video kind is refused.</param>
/// <param name="Name">The publisher's name for it; at most 128 characters.</param>
/// <param name="Codec">Expected codec, as in rtpmap; empty when not known.</param>
/// <param name="Simulcast">Sent in several encodings.</param>
/// <param name="Muted">Starts muted by its owner.</param>
[GenerateSerializer, Immutable]
public sealed record TrackDraft(
    MediaKind Kind, TrackSource Source, string Name = "", string Codec = "", bool Simulcast = false, bool Muted = false);

/// <summary>What a track carries. The wire names are those of the token's <c>canPublishSources</c>.</summary>
[GenerateSerializer]
public enum TrackSource
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>A camera.</summary>
    Camera,

    /// <summary>A microphone.</summary>
    Microphone,

    /// <summary>A shared screen or window.</summary>
    ScreenShare,

    /// <summary>The sound of a shared screen or window.</summary>
    ScreenShareAudio,
}

/// <summary>Who muted a track.</summary>
[GenerateSerializer]
public enum MutedBy
{
    /// <summary>Its owner.</summary>
    Self,

    /// <summary>A host of the room; the owner may open it again.</summary>
    Admin,

    /// <summary>The back end; the owner may open it again.</summary>
    Server,
}
