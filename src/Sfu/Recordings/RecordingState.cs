using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>All that the owner of one recording knows about it: the fold of its events. Immutable, stored as it is.</summary>
/// <remarks>Events are the only way it changes. One that cannot follow is a broken invariant and throws: it must not reach the store.</remarks>
[GenerateSerializer, Immutable]
public sealed record RecordingState
{
    /// <summary>Id, a UUID version 7: its order is that of the requests.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The room's key.</summary>
    [Id(1)] public required RoomKey Room { get; init; }

    /// <summary>The life of the room.</summary>
    [Id(2)] public required string RoomId { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)] public RecordingPhase Phase { get; init; }

    /// <summary>Under which policy.</summary>
    [Id(4)] public RecordingPolicy Policy { get; init; }

    /// <summary>Whether participants must agree first.</summary>
    [Id(5)] public ConsentMode Consent { get; init; }

    /// <summary>When it was asked for.</summary>
    [Id(6)] public DateTimeOffset RequestedAt { get; init; }

    /// <summary>When the first of it was durable.</summary>
    [Id(7)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(8)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The process that records it (<see cref="Placement.ILocalNode.Id"/>).</summary>
    [Id(9)] public string Node { get; init; } = "";

    /// <summary>Folder of the evidence; empty before it began.</summary>
    [Id(10)] public string Folder { get; init; } = "";

    /// <summary>Why it is not as it should be; null while it is.</summary>
    [Id(11)] public RecordingCause? Cause { get; init; }

    /// <summary>Since when nothing is recorded; null while it is.</summary>
    [Id(12)] public DateTimeOffset? SuspendedSince { get; init; }

    /// <summary>What is paused now; at most one for the room, one for each identity and <see cref="Decisions.Steering.MaxPauses"/> in all of those.</summary>
    [Id(13)] public IReadOnlyList<PauseSpan> Pauses { get; init; } = [];

    /// <summary>Why it ended; null while it goes on.</summary>
    [Id(14)] public RecordingEndReason? EndReason { get; init; }

    /// <summary>Who wanted it.</summary>
    [Id(15)] public required RoomActor By { get; init; }

    /// <summary>The room's log is known up to this number.</summary>
    [Id(16)] public long RoomSeq { get; init; }

    /// <summary>The room was seen open in its log.</summary>
    [Id(17)] public bool RoomSeen { get; init; }

    /// <summary>What the recorder says of the whole; null before it is sealed.</summary>
    [Id(18)] public RecordingFacts? Facts { get; init; }

    /// <summary>Number of its last event, over all recordings of the room key.</summary>
    [Id(19)] public long Version { get; init; }

    /// <summary>The last version that the room knows.</summary>
    [Id(20)] public long ToldVersion { get; init; }

    /// <summary>Number of its first event: of two recordings of a room, the one with the higher number is the newer.</summary>
    [Id(21)] public long FirstVersion { get; init; }

    /// <summary>The whole room is paused.</summary>
    public bool IsPaused => Pauses.Any(pause => pause.Participant is null);

    /// <summary>What the room and its clients are told.</summary>
    public RoomRecording ToRoom()
    {
        PauseSpan? paused = Pauses.FirstOrDefault(pause => pause.Participant is null);
        RoomRecordingState state = Phase switch
        {
            RecordingPhase.Requested or RecordingPhase.Arming => RoomRecordingState.Starting,
            RecordingPhase.Active or RecordingPhase.Degraded => paused is null ? RoomRecordingState.Recording : RoomRecordingState.Paused,
            RecordingPhase.Suspended or RecordingPhase.Interrupted or RecordingPhase.Recovering => RoomRecordingState.Suspended,
            RecordingPhase.Refused => RoomRecordingState.Failed,
            _ => EndReason is RecordingEndReason.Failed or RecordingEndReason.RecordingUnavailable ? RoomRecordingState.Failed : RoomRecordingState.Off,
        };
        return new RoomRecording(Id, Version, state, Policy, Consent, Cause, paused?.Reason)
        {
            PausedParticipants = [.. Pauses.Where(pause => pause.Participant is not null).Select(pause => pause.Participant!.Value)],
            PausedIdentities = [.. Pauses.Select(pause => pause.Identity).OfType<string>()],
        };
    }

    /// <summary>The state after one event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow.</exception>
    internal RecordingState Apply(RecordingEntry entry)
    {
        RecordingState next = entry.Event switch
        {
            RecordingPhaseChanged changed => Enter(changed.Phase, entry.At) with { Cause = changed.Cause, Node = changed.Node ?? Node },
            RecordingStarted started => Enter(RecordingPhase.Active, entry.At) with
            {
                StartedAt = started.StartedAt,
                Folder = started.Folder,
                Cause = null,
                SuspendedSince = null,
            },
            RecordingPaused paused => this with { Pauses = [.. Pauses.Where(pause => pause.Participant != paused.Span.Participant), paused.Span] },
            RecordingResumed resumed => this with { Pauses = [.. Pauses.Where(pause => pause.Participant != resumed.Participant)] },
            RecordingPolicyChanged changed => this with { Policy = changed.Policy },
            RecordingEnding ending => Enter(RecordingPhase.Stopping, entry.At) with { EndReason = ending.Reason, Cause = ending.Cause, EndedAt = entry.At },
            RecordingSealed sealedNow => Enter(RecordingPhase.Sealed, entry.At) with
            {
                Facts = sealedNow.Facts,
                StartedAt = StartedAt ?? sealedNow.StartedAt,
                EndedAt = sealedNow.EndedAt ?? EndedAt,
                Folder = sealedNow.Folder ?? Folder,
                SuspendedSince = null,
            },
            _ => throw new InvalidOperationException($"unknown event {entry.Event.GetType().Name}"),
        };
        return next with { Version = entry.Seq, FirstVersion = FirstVersion == 0 ? entry.Seq : FirstVersion };
    }

    private RecordingState Enter(RecordingPhase phase, DateTimeOffset at)
    {
        if (!RecordingPhases.MayFollow(Phase, phase)) throw new InvalidOperationException($"{Id}: {phase} cannot follow {Phase}");
        bool holds = phase is RecordingPhase.Suspended or RecordingPhase.Interrupted or RecordingPhase.Recovering;
        DateTimeOffset? since = holds ? SuspendedSince ?? at : RecordingPhases.IsOpen(phase) ? null : SuspendedSince;
        return this with { Phase = phase, SuspendedSince = since };
    }
}

/// <summary>A pause that has not ended. That of a participant is one of its identity: whoever joins with it is masked too, until the pause ends.</summary>
/// <param name="Participant">Whose, by the id that it had when it was paused first: the pause's key; null = the whole room's.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">More about it; may be empty.</param>
/// <param name="From">Since when.</param>
/// <param name="Until">When it ends by itself; null = when somebody resumes.</param>
[GenerateSerializer, Immutable]
public sealed record PauseSpan(ParticipantId? Participant, PauseReason Reason, string Text, DateTimeOffset From, DateTimeOffset? Until)
{
    /// <summary>Identity of the participant; null for the room's pause, and in what was stored before pauses followed identities and whose
    /// participant is not known any more.</summary>
    [Id(0)] public string? Identity { get; init; }

    /// <summary>Whether it is the pause of this participant, or (null) of the room.</summary>
    /// <param name="participant">By its present id or a former one.</param>
    /// <param name="identity">Its identity; null when it is not known.</param>
    internal bool IsOf(ParticipantId? participant, string? identity) =>
        Participant == participant || participant is not null && Identity is not null && Identity == identity;
}

/// <summary>What the recorder says of a sealed recording.</summary>
/// <param name="ManifestHash">SHA-256 of the sealed manifest; empty when there was nothing to seal.</param>
/// <param name="IsPartial">Its end was made by recovery.</param>
/// <param name="Gaps">Stretches that are missing although they were sent.</param>
/// <param name="Missing">Their length together.</param>
/// <param name="Score">0 to 100, or null.</param>
/// <param name="Bytes">Bytes of the segments.</param>
/// <param name="Tracks">Tracks that were recorded.</param>
[GenerateSerializer, Immutable]
public sealed record RecordingFacts(string ManifestHash, bool IsPartial, int Gaps, TimeSpan Missing, double? Score, long Bytes, int Tracks)
{
    /// <summary>Nothing was recorded.</summary>
    public static RecordingFacts Nothing { get; } = new("", true, 0, TimeSpan.Zero, null, 0, 0);

    internal static RecordingFacts From(NodeRecordingStopped stopped) => new(
        stopped.ManifestHash, stopped.IsPartial, stopped.Gaps, stopped.Missing, stopped.Score, stopped.Bytes, stopped.Tracks);
}
