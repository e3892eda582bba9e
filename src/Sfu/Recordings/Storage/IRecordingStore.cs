using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings.Storage;

/// <summary>Keeps recordings, who was in them, what happened, and what could not be recorded. The provider pattern of <see cref="IRoomStore"/>.</summary>
/// <remarks>Safe on any thread. What a completed task says is durable. Methods throw <see cref="RoomStoreException"/> when the store
/// cannot be reached or written, and nothing else.</remarks>
internal interface IRecordingStore
{
    /// <summary>What is stored of a room's recordings that are not over; carried out after the writes that were asked for before.</summary>
    Task<StoredRecordings> LoadAsync(RoomKey room);

    /// <summary>Writes behind the fence, all or nothing.</summary>
    /// <returns>False when another activation owns the room's recordings. Nothing is written then.</returns>
    Task<bool> AppendAsync(RecordingAppend append);

    /// <summary>One recording, or null.</summary>
    Task<RecordingState?> FindAsync(Guid recording);

    /// <summary>Recordings of a tenant, newest first.</summary>
    Task<IReadOnlyList<RecordingState>> ListAsync(RecordingQuery query);

    /// <summary>Who was in a recording, in the order of joining.</summary>
    Task<IReadOnlyList<RecordingParticipant>> ParticipantsAsync(Guid recording);

    /// <summary>What happened in a recording, in order, after a position.</summary>
    Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid recording, long after, int limit);

    /// <summary>Rooms with recordings that are not over.</summary>
    Task<IReadOnlyList<RoomKey>> ListOpenAsync();

    /// <summary>What could not be recorded, newest first.</summary>
    Task<IReadOnlyList<Impossibility>> ImpossibilitiesAsync(RecordingQuery query);

    /// <summary>Writes a derivation.</summary>
    Task SaveAsync(Derivation derivation);

    /// <summary>One derivation, or null.</summary>
    Task<Derivation?> FindDerivationAsync(Guid derivation);

    /// <summary>Derivations that are queued or were running, oldest first.</summary>
    Task<IReadOnlyList<Derivation>> UnfinishedDerivationsAsync();
}

/// <summary>What is stored of a room's recordings.</summary>
/// <param name="Epoch">Last epoch that was claimed; 0 when there never was a recording.</param>
/// <param name="Version">Number of the last event.</param>
/// <param name="Open">Those that are not over, or not known to be over by the room.</param>
/// <param name="LastRefusal">The newest refused join, or null.</param>
internal sealed record StoredRecordings(long Epoch, long Version, IReadOnlyList<RecordingState> Open, Impossibility? LastRefusal);

/// <summary>One write of the owner of a room's recordings.</summary>
internal sealed record RecordingAppend
{
    /// <summary>The room.</summary>
    public required RoomKey Room { get; init; }

    /// <summary>The epoch that must be stored now; 0 = nothing may be stored yet.</summary>
    public required long ExpectedEpoch { get; init; }

    /// <summary>The version that must be stored now.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The writer's epoch: <see cref="ExpectedEpoch"/>, or one more to claim.</summary>
    public required long Epoch { get; init; }

    /// <summary>The version after it.</summary>
    public required long Version { get; init; }

    /// <summary>The recording as it is after it; null when only other things change.</summary>
    public RecordingState? State { get; init; }

    /// <summary>What happened.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>Participants that are new or changed.</summary>
    public IReadOnlyList<RecordingParticipant> Participants { get; init; } = [];

    /// <summary>What could not be recorded; an older record with the same id is replaced.</summary>
    public Impossibility? Impossibility { get; init; }
}

/// <summary>What to list: every limit that is not null holds.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Room">Name of the room.</param>
/// <param name="Identity">Somebody who took part.</param>
/// <param name="From">Not over before.</param>
/// <param name="To">Asked for before.</param>
/// <param name="Before">Older than this one: the cursor.</param>
/// <param name="Limit">Most, 1 to 1,000.</param>
internal sealed record RecordingQuery(
    string Tenant, string? Room, string? Identity, DateTimeOffset? From, DateTimeOffset? To, Guid? Before, int Limit);

/// <summary>One who took part in a recorded call.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Name">Display name.</param>
/// <param name="JoinedAt">When it joined, or when the recording began.</param>
/// <param name="LeftAt">When it left; null while it is there.</param>
/// <param name="State">Whether it is recorded.</param>
internal sealed record RecordingParticipant(
    ParticipantId Id, string Identity, string Name, DateTimeOffset JoinedAt, DateTimeOffset? LeftAt, ParticipantRecordingState State);

/// <summary>One thing that happened in a recorded call: an event of the room or a step of the recording.</summary>
/// <param name="Position">Its place in the timeline; 0 before it is stored.</param>
/// <param name="At">When.</param>
/// <param name="Text">JSON with <c>kind</c>.</param>
internal sealed record TimelineEntry(long Position, DateTimeOffset At, string Text);
