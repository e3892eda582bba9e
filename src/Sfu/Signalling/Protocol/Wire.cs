using System.Text.Json;
using Sfu.Nodes;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>Turns what the rooms' and nodes' seams say into the objects of the protocol.</summary>
internal static class Wire
{
    /// <summary>A participant as others see it.</summary>
    public static ParticipantBody Of(Participant participant) => new(
        participant.Id.Value, participant.Identity, participant.Name, participant.Metadata, ProtocolNames.Of(participant.State),
        ProtocolNames.Of(participant.Role), participant.JoinedAt.ToUnixTimeMilliseconds(), [.. participant.Tracks.Select(Of)],
        ProtocolNames.Of(participant.Recording), null);

    /// <summary>A participant as it sees itself.</summary>
    public static ParticipantBody OfSelf(Participant participant) => Of(participant) with
    {
        Rights = new RightsBody(
            participant.Rights.Publish, participant.Rights.Subscribe, participant.Rights.Data, participant.Rights.Admin,
            [.. participant.Rights.Sources.Select(ProtocolNames.Of)], participant.Rights.Admin && participant.Rights.Record),
    };

    /// <summary>A room's recording; null = it never was recorded.</summary>
    public static RecordingBody Of(RoomRecording? recording) => recording is null
        ? new RecordingBody("off")
        : new RecordingBody(
            ProtocolNames.Of(recording.State), recording.Id == Guid.Empty ? null : recording.Id.ToString("D"), ProtocolNames.Of(recording.Policy),
            recording.Consent == ConsentMode.First ? "first" : "none", ReasonOf(recording));

    /// <summary>Why it is paused, suspended or failed; null otherwise.</summary>
    public static string? ReasonOf(RoomRecording recording) =>
        recording.Pause is { } pause ? ProtocolNames.Of(pause) : recording.Cause is { } cause ? JsonNamingPolicy.SnakeCaseLower.ConvertName(cause.ToString()) : null;

    /// <summary>A track.</summary>
    public static TrackBody Of(Track track) => new(
        track.Id.Value, track.Participant.Value, ProtocolNames.Of(track.Kind), ProtocolNames.Of(track.Source), track.Name, track.Muted,
        track.MutedBy is { } by ? ProtocolNames.Of(by) : null);

    /// <summary>A room; those who wait are shown to hosts only.</summary>
    public static RoomBody Of(RoomInfo room, IReadOnlyList<Participant>? waiting) => new(
        room.Id, room.Key.Room, room.Settings.Metadata, room.Locked, room.Settings.Lobby, room.Settings.MaxParticipants,
        waiting is null ? null : [.. waiting.Where(participant => !participant.Rights.Hidden).Select(Of)]);

    /// <summary>The participants of a room without one and without those who are hidden.</summary>
    public static IReadOnlyList<ParticipantBody> Others(RoomSnapshot room, ParticipantId self) =>
        [.. room.Participants.Where(participant => participant.Id != self && !participant.Rights.Hidden).Select(Of)];

    /// <summary>What the sections of an answer carry.</summary>
    public static IReadOnlyDictionary<string, AnsweredTrackBody> Of(IReadOnlyDictionary<string, AnsweredSection> sections) =>
        sections.ToDictionary(
            entry => entry.Key,
            entry => new AnsweredTrackBody(entry.Value.Track?.Value ?? "", entry.Value.Participant.Value, entry.Value.Refused));

    /// <summary>An error a room answered.</summary>
    public static ErrorMessage Of(RoomError error, int? re) => new(
        re, ProtocolNames.Of(error.Code), null, error.Message, error.RetryAfter is { } after ? (long)after.TotalMilliseconds : null);
}
