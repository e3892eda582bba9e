using Sfu.Media.Rtp;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>A participant of a room.</summary>
public sealed record ParticipantResource
{
    /// <summary>Id of this participation, made by the server.</summary>
    public required string Id { get; init; }

    /// <summary>Who it is: the `sub` of its token.</summary>
    public required string Identity { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Free text of the application.</summary>
    public required string Metadata { get; init; }

    /// <summary>In the lobby or in the room.</summary>
    public required ParticipantState State { get; init; }

    /// <summary>Host (`roomAdmin`), participant, or viewer (may not publish).</summary>
    public required ParticipantRole Role { get; init; }

    /// <summary>When it joined or, while waiting, when it asked; Unix milliseconds.</summary>
    public required long JoinedAt { get; init; }

    /// <summary>Others do not see it.</summary>
    public required bool Hidden { get; init; }

    /// <summary>It joined to record.</summary>
    public required bool Recorder { get; init; }

    /// <summary>Whether it is recorded now.</summary>
    public required ParticipantRecordingState Recording { get; init; }

    /// <summary>Its own policy; null = as the room.</summary>
    public required RecordingPolicy? RecordingPolicy { get; init; }

    /// <summary>Whether it agreed to be recorded; null = it did not say.</summary>
    public required bool? Consent { get; init; }

    /// <summary>What it may do.</summary>
    public required RightsResource Rights { get; init; }

    /// <summary>What it connects with.</summary>
    public required ClientResource Client { get; init; }

    /// <summary>What it publishes, oldest first.</summary>
    public required IReadOnlyList<TrackResource> Tracks { get; init; }

    internal static ParticipantResource From(Participant participant) => new()
    {
        Id = participant.Id.Value,
        Identity = participant.Identity,
        Name = participant.Name,
        Metadata = participant.Metadata,
        State = participant.State,
        Role = participant.Role,
        JoinedAt = participant.JoinedAt.ToUnixTimeMilliseconds(),
        Hidden = participant.Rights.Hidden,
        Recorder = participant.Rights.Recorder,
        Recording = participant.Recording,
        RecordingPolicy = participant.RecordingPolicy,
        Consent = participant.Consent,
        Rights = new RightsResource(
            participant.Rights.Publish, participant.Rights.Subscribe, participant.Rights.Data, participant.Rights.Admin, participant.Rights.Sources),
        Client = new ClientResource(participant.Client.Protocol, participant.Client.Name, participant.Client.Version),
        Tracks = [.. participant.Tracks.Select(TrackResource.From)],
    };
}

/// <summary>What a participant may do, from its token.</summary>
/// <param name="Publish">May publish tracks.</param>
/// <param name="Subscribe">May receive tracks.</param>
/// <param name="Data">May send data messages.</param>
/// <param name="Admin">May moderate the room.</param>
/// <param name="Sources">What it may publish; empty = everything.</param>
public sealed record RightsResource(bool Publish, bool Subscribe, bool Data, bool Admin, IReadOnlyList<TrackSource> Sources);

/// <summary>What a participant connects with.</summary>
/// <param name="Protocol">How it signals.</param>
/// <param name="Name">The program's name, or empty.</param>
/// <param name="Version">The program's version, or empty.</param>
public sealed record ClientResource(ClientProtocol Protocol, string Name, string Version);

/// <summary>A published track.</summary>
/// <param name="Id">Id made by the server.</param>
/// <param name="Participant">Id of the participant that publishes it.</param>
/// <param name="Kind">Audio or video.</param>
/// <param name="Source">What it carries.</param>
/// <param name="Name">The publisher's name for it.</param>
/// <param name="Muted">Nothing of it is forwarded.</param>
/// <param name="MutedBy">Who muted it; null while it is open.</param>
/// <param name="Codec">The codec that the publisher is expected to send, or empty.</param>
/// <param name="Simulcast">Sent in several encodings.</param>
public sealed record TrackResource(
    string Id, string Participant, MediaKind Kind, TrackSource Source, string Name, bool Muted, MutedBy? MutedBy, string Codec, bool Simulcast)
{
    internal static TrackResource From(Track track) => new(
        track.Id.Value, track.Participant.Value, track.Kind, track.Source, track.Name, track.Muted, track.MutedBy, track.Codec, track.Simulcast);
}

/// <summary>Who is in a room.</summary>
/// <param name="Participants">Those who joined, hidden ones included; oldest first.</param>
/// <param name="Waiting">Those in the lobby, oldest first.</param>
/// <param name="Seq">The last event that is contained: follow the room's events from here.</param>
public sealed record ParticipantList(IReadOnlyList<ParticipantResource> Participants, IReadOnlyList<ParticipantResource> Waiting, long Seq);
