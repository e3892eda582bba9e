using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>A room and who is in it, at one number of its log.</summary>
/// <param name="Room">The room.</param>
/// <param name="Participants">Those who joined, hidden ones included; oldest first.</param>
/// <param name="Waiting">Those in the lobby, oldest first.</param>
/// <param name="Seq">The last event that is contained.</param>
[GenerateSerializer, Immutable]
public sealed record RoomSnapshot(
    RoomInfo Room, IReadOnlyList<Participant> Participants, IReadOnlyList<Participant> Waiting, long Seq);

/// <summary>A room without its participants.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Id">Id of this life of the room (<c>RM_</c>...).</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Locked">Refuses new participants.</param>
/// <param name="CreatedAt">When this life began.</param>
/// <param name="ParticipantCount">Joined participants that are not hidden.</param>
/// <param name="WaitingCount">Participants in the lobby.</param>
[GenerateSerializer, Immutable]
public sealed record RoomInfo(
    RoomKey Key, string Id, RoomSettings Settings, bool Locked, DateTimeOffset CreatedAt, int ParticipantCount, int WaitingCount)
{
    /// <summary>Its recording; null when it never had one in this life.</summary>
    [Id(0)] public RoomRecording? Recording { get; init; }
}

/// <summary>What became of a request to join.</summary>
[GenerateSerializer, Immutable]
public abstract record JoinOutcome;

/// <summary>In the room.</summary>
/// <param name="Self">The new participant.</param>
/// <param name="Room">The room, <paramref name="Self"/> included. Follow its events after <see cref="RoomSnapshot.Seq"/>.</param>
[GenerateSerializer, Immutable]
public sealed record JoinAccepted(Participant Self, RoomSnapshot Room) : JoinOutcome;

/// <summary>In the lobby: follow the room's events after <paramref name="Seq"/> until <see cref="ParticipantAdmitted"/> (then ask for
/// the snapshot) or <see cref="ParticipantLeft"/>.</summary>
/// <param name="Self">The waiting participant.</param>
/// <param name="Room">The room.</param>
/// <param name="Seq">The last event that is contained.</param>
[GenerateSerializer, Immutable]
public sealed record JoinWaiting(Participant Self, RoomInfo Room, long Seq) : JoinOutcome;

/// <summary>Not admitted; nothing changed.</summary>
[GenerateSerializer, Immutable]
public sealed record JoinRefused(RoomError Error) : JoinOutcome;

/// <summary>What became of a request to resume.</summary>
[GenerateSerializer, Immutable]
public abstract record ResumeOutcome;

/// <summary>The session goes on; the events after the client's number are at most 1,000.</summary>
/// <param name="Self">The participant, unchanged; it may be waiting still.</param>
/// <param name="Room">The room as it is now.</param>
[GenerateSerializer, Immutable]
public sealed record ResumeAccepted(Participant Self, RoomSnapshot Room) : ResumeOutcome;

/// <summary>The session is unknown, over, or too far behind: join anew.</summary>
[GenerateSerializer, Immutable]
public sealed record ResumeRefused(RoomError Error) : ResumeOutcome;

/// <summary>What became of a request to publish.</summary>
/// <param name="Tracks">One per draft, in order.</param>
[GenerateSerializer, Immutable]
public sealed record PublishOutcome(IReadOnlyList<PublishResult> Tracks);

/// <summary>One draft's result: exactly one of the two is set.</summary>
[GenerateSerializer, Immutable]
public sealed record PublishResult(Track? Track, RoomError? Error);

/// <summary>What became of any other request: done (also when there was nothing to do) or refused.</summary>
/// <param name="Error">Null when done.</param>
[GenerateSerializer, Immutable]
public sealed record RoomOutcome(RoomError? Error)
{
    /// <summary>Done.</summary>
    public static RoomOutcome Done { get; } = new((RoomError?)null);

    /// <summary>Refused.</summary>
    public static RoomOutcome Refused(RoomErrorCode code, string message) => new(new RoomError(code, message));
}

/// <summary>What became of a request to create a room.</summary>
/// <param name="Room">The room, or null when refused.</param>
/// <param name="Created">False when it was there already; its settings are then as they were.</param>
/// <param name="Error">Why not, or null.</param>
[GenerateSerializer, Immutable]
public sealed record CreateOutcome(RoomInfo? Room, bool Created, RoomError? Error);

/// <summary>Part of a room's log.</summary>
/// <param name="Events">In order, without gaps.</param>
/// <param name="LastSeq">The last number the log has.</param>
[GenerateSerializer, Immutable]
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long LastSeq);

/// <summary>Why a request was refused.</summary>
/// <param name="Code">The closed set that clients know.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="RetryAfter">When waiting helps: how long.</param>
[GenerateSerializer, Immutable]
public sealed record RoomError(RoomErrorCode Code, string Message, TimeSpan? RetryAfter = null);

/// <summary>Why a request was refused; snake_case on the wire.</summary>
[GenerateSerializer]
public enum RoomErrorCode
{
    /// <summary>No such room, participant or track.</summary>
    NotFound,

    /// <summary>The rights do not allow it.</summary>
    Forbidden,

    /// <summary>Not now: the participant waits, or is gone.</summary>
    BadState,

    /// <summary>A value is not valid.</summary>
    BadRequest,

    /// <summary>The room has its most participants.</summary>
    RoomFull,

    /// <summary>The room is locked.</summary>
    RoomLocked,

    /// <summary>Another limit; <see cref="RoomError.RetryAfter"/> when waiting helps.</summary>
    Limit,

    /// <summary>The node takes no new calls.</summary>
    Draining,

    /// <summary>The store or the grain could not be reached; try again.</summary>
    TryAgain,

    /// <summary>The room must be recorded and cannot be now.</summary>
    RecordingUnavailable,
}
