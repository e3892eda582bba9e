using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Recordings;
using Sfu.Recordings.Storage;

namespace Sfu.Rest;

/// <summary>A recording.</summary>
public sealed record RecordingResource
{
    /// <summary>Its id; ids rise with time.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the room.</summary>
    public required string Room { get; init; }

    /// <summary>Id of the life of the room.</summary>
    public required string RoomId { get; init; }

    /// <summary>`requested`, `arming`, `active`, `paused`, `degraded`, `suspended`, `interrupted`, `recovering`, `stopping`, `sealing`, `sealed` or `refused`.</summary>
    public required string State { get; init; }

    /// <summary>Under which policy.</summary>
    public required RecordingPolicy Policy { get; init; }

    /// <summary>Whether participants must agree first.</summary>
    public required ConsentMode Consent { get; init; }

    /// <summary>When it was asked for, Unix milliseconds.</summary>
    public required long RequestedAt { get; init; }

    /// <summary>When the first of it was durable, Unix milliseconds; null before.</summary>
    public required long? StartedAt { get; init; }

    /// <summary>When it ended, Unix milliseconds; null while it goes on.</summary>
    public required long? EndedAt { get; init; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public required RecordingEndReason? EndReason { get; init; }

    /// <summary>Why it is not as it should be; null while it is.</summary>
    public required RecordingCause? Cause { get; init; }

    /// <summary>Since when nothing is recorded, Unix milliseconds; null while it is.</summary>
    public required long? SuspendedSince { get; init; }

    /// <summary>What is paused now.</summary>
    public required IReadOnlyList<PauseResource> Pauses { get; init; }

    /// <summary>Who wanted it.</summary>
    public required ActorResource By { get; init; }

    /// <summary>Folder of the evidence on the machine that recorded; empty before it began.</summary>
    public required string Folder { get; init; }

    /// <summary>What the recorder says of the whole; null before it is sealed.</summary>
    public required RecordingSummary? Summary { get; init; }

    /// <summary>Who took part, in the order of joining; absent in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RecordedParticipantResource>? Participants { get; init; }

    internal static RecordingResource From(RecordingState state) => new()
    {
        Id = RecordingJson.Id(state.Id),
        Room = state.Room.Room,
        RoomId = state.RoomId,
        State = state is { Phase: RecordingPhase.Active or RecordingPhase.Degraded, IsPaused: true } ? "paused" : RecordingJson.Name(state.Phase),
        Policy = state.Policy,
        Consent = state.Consent,
        RequestedAt = state.RequestedAt.ToUnixTimeMilliseconds(),
        StartedAt = state.StartedAt?.ToUnixTimeMilliseconds(),
        EndedAt = state.EndedAt?.ToUnixTimeMilliseconds(),
        EndReason = state.EndReason,
        Cause = state.Cause,
        SuspendedSince = state.SuspendedSince?.ToUnixTimeMilliseconds(),
        Pauses = [.. state.Pauses.Select(pause => new PauseResource(
            pause.Participant?.Value, pause.Reason, pause.Text, pause.From.ToUnixTimeMilliseconds(), pause.Until?.ToUnixTimeMilliseconds(), pause.Identity))],
        By = ActorResource.From(state.By),
        Folder = state.Folder,
        Summary = state.Facts is { } facts
            ? new RecordingSummary(facts.ManifestHash, facts.IsPartial, facts.Gaps, (long)facts.Missing.TotalMilliseconds, facts.Score, facts.Bytes, facts.Tracks)
            : null,
    };
}

/// <summary>A pause that has not ended. That of a participant follows its identity: whoever joins with it is paused too.</summary>
/// <param name="Participant">Whose, by the id that it had then; null = the whole room's.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">More about it; may be empty.</param>
/// <param name="From">Since when, Unix milliseconds.</param>
/// <param name="Until">When it ends by itself, Unix milliseconds; null = when somebody resumes.</param>
/// <param name="Identity">Identity of the participant; null = the whole room's.</param>
public sealed record PauseResource(string? Participant, PauseReason Reason, string Text, long From, long? Until, string? Identity);

/// <summary>What is known of a sealed recording.</summary>
/// <param name="ManifestHash">SHA-256 of the sealed manifest; empty when nothing was recorded.</param>
/// <param name="Partial">Its end was made by recovery.</param>
/// <param name="Gaps">Stretches that are missing although they were sent.</param>
/// <param name="MissingMs">Their length together, milliseconds.</param>
/// <param name="Score">0 to 100; null when nothing can be said.</param>
/// <param name="Bytes">Bytes of the segments.</param>
/// <param name="Tracks">Tracks that were recorded.</param>
public sealed record RecordingSummary(string ManifestHash, bool Partial, int Gaps, long MissingMs, double? Score, long Bytes, int Tracks);

/// <summary>One who took part in a recorded call.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Name">Display name.</param>
/// <param name="JoinedAt">When it joined, or when the recording began, Unix milliseconds.</param>
/// <param name="LeftAt">When it left, Unix milliseconds; null while it is there.</param>
/// <param name="Recording">Whether it is, or was at the end, recorded.</param>
public sealed record RecordedParticipantResource(
    string Id, string Identity, string Name, long JoinedAt, long? LeftAt, ParticipantRecordingState Recording)
{
    internal static RecordedParticipantResource From(RecordingParticipant participant) => new(
        participant.Id.Value, participant.Identity, participant.Name, participant.JoinedAt.ToUnixTimeMilliseconds(),
        participant.LeftAt?.ToUnixTimeMilliseconds(), participant.State);
}

/// <summary>Recordings, newest first.</summary>
/// <param name="Recordings">The recordings.</param>
/// <param name="Next">The `after` of the next page; null when this is the last one.</param>
public sealed record RecordingList(IReadOnlyList<RecordingResource> Recordings, string? Next);

/// <summary>What happened in a recorded call, in order.</summary>
/// <param name="Entries">Events of the room and steps of the recording; `seq` is the place in the timeline.</param>
/// <param name="Next">The `after` of the next page.</param>
public sealed record TimelineList(IReadOnlyList<EventResource> Entries, long Next);

/// <summary>Stretches that are missing, with their causes.</summary>
/// <param name="Gaps">As the sealed manifest has them.</param>
public sealed record GapList(JsonElement Gaps);

/// <summary>How good a recording is.</summary>
/// <param name="Quality">As the sealed manifest has it.</param>
public sealed record QualityResource(JsonElement Quality);

/// <summary>What the verifier found.</summary>
/// <param name="Verdict">One of the eight of docs/evidence.md.</param>
/// <param name="Findings">As the verifier wrote them.</param>
public sealed record VerificationResource(string Verdict, JsonElement Findings);

/// <summary>A time in which something could not be recorded that should have been.</summary>
/// <param name="Id">Its id; ids rise with time.</param>
/// <param name="Room">Name of the room.</param>
/// <param name="Recording">Of which recording; null when none could begin.</param>
/// <param name="Kind">What it meant.</param>
/// <param name="Policy">Under which policy.</param>
/// <param name="Cause">Why.</param>
/// <param name="From">Since when, Unix milliseconds.</param>
/// <param name="To">Until when, Unix milliseconds.</param>
/// <param name="DurationMs">How long, milliseconds.</param>
/// <param name="Identities">Who was concerned; at most 64 are named.</param>
/// <param name="Count">How many were, or how often it was tried.</param>
public sealed record ImpossibilityResource(
    string Id, string Room, string? Recording, ImpossibilityKind Kind, RecordingPolicy Policy, RecordingCause Cause, long From, long To, long DurationMs,
    IReadOnlyList<string> Identities, int Count)
{
    internal static ImpossibilityResource Of(Impossibility one) => new(
        RecordingJson.Id(one.Id), one.Room.Room, one.Recording is { } recording ? RecordingJson.Id(recording) : null, one.Kind, one.Policy, one.Cause,
        one.From.ToUnixTimeMilliseconds(), one.To.ToUnixTimeMilliseconds(), (long)(one.To - one.From).TotalMilliseconds, one.Identities, one.Count);
}

/// <summary>What could not be recorded, newest first.</summary>
/// <param name="Impossibilities">The records.</param>
/// <param name="Next">The `after` of the next page; null when this is the last one.</param>
public sealed record ImpossibilityList(IReadOnlyList<ImpossibilityResource> Impossibilities, string? Next);
