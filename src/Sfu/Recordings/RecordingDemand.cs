using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>A room is to be recorded: by its policy, before somebody enters, or because somebody wants it.</summary>
[GenerateSerializer, Immutable]
public sealed record RecordingDemand
{
    /// <summary>The life of the room.</summary>
    [Id(0)] public required string RoomId { get; init; }

    /// <summary>Number of the room's last event: what follows belongs to the recording.</summary>
    [Id(1)] public required long RoomSeq { get; init; }

    /// <summary>The room is open already; else it opens with the event after <see cref="RoomSeq"/>.</summary>
    [Id(2)] public required bool IsOpen { get; init; }

    /// <summary>What is wanted.</summary>
    [Id(3)] public required RecordingPolicy Policy { get; init; }

    /// <summary>Whether participants must agree first.</summary>
    [Id(4)] public required ConsentMode Consent { get; init; }

    /// <summary>Those in the room, and who is about to enter.</summary>
    [Id(5)] public IReadOnlyList<RecordedParticipant> Participants { get; init; } = [];

    /// <summary>Who wants it.</summary>
    [Id(6)] public required RoomActor By { get; init; }

    /// <summary>Identity of who is kept out when there is no recording; empty when nobody is.</summary>
    [Id(7)] public string Entering { get; init; } = "";
}

/// <summary>What became of a request about a recording: exactly one of the two is set.</summary>
/// <param name="Recording">The recording as it is now.</param>
/// <param name="Error">Why not.</param>
/// <param name="Created">It began with this request.</param>
/// <param name="Cause">Why it cannot be recorded, when that is why.</param>
[GenerateSerializer, Immutable]
public sealed record RecordingAnswer(RecordingState? Recording, RoomError? Error, bool Created = false, RecordingCause? Cause = null)
{
    /// <summary>Refused.</summary>
    internal static RecordingAnswer Refuse(RoomError error, RecordingCause? cause = null) => new(null, error, false, cause);
}

/// <summary>A time in which something could not be recorded that should have been (RECORDING.md R12).</summary>
/// <param name="Id">Its id, a UUID version 7.</param>
/// <param name="Room">Where.</param>
/// <param name="Recording">Of which recording; null when none could begin.</param>
/// <param name="Kind">What it meant.</param>
/// <param name="Policy">Under which policy.</param>
/// <param name="Cause">Why.</param>
/// <param name="From">Since when.</param>
/// <param name="To">Until when, as far as is known.</param>
/// <param name="Identities">Who was concerned; at most 64 are named.</param>
/// <param name="Count">How many were, or how often it was tried.</param>
[GenerateSerializer, Immutable]
public sealed record Impossibility(
    Guid Id, RoomKey Room, Guid? Recording, ImpossibilityKind Kind, RecordingPolicy Policy, RecordingCause Cause, DateTimeOffset From, DateTimeOffset To,
    IReadOnlyList<string> Identities, int Count)
{
    /// <summary>Most identities that one record names.</summary>
    public const int MaxIdentities = 64;

    /// <summary>Refusals of one room within this time are one record.</summary>
    internal static readonly TimeSpan Together = TimeSpan.FromSeconds(60);

    /// <summary>The same was tried again.</summary>
    internal Impossibility Again(string identity, DateTimeOffset at) => this with
    {
        To = at,
        Count = Count + 1,
        Identities = identity.Length == 0 || Identities.Count >= MaxIdentities || Identities.Contains(identity) ? Identities : [.. Identities, identity],
    };
}

/// <summary>What it meant that a recording was impossible; snake_case on the wire and in metrics.</summary>
[GenerateSerializer]
public enum ImpossibilityKind
{
    /// <summary>Nobody could join or begin the call.</summary>
    JoinRefused,

    /// <summary>The call went on without a recording.</summary>
    Unrecorded,

    /// <summary>The call was held and went on.</summary>
    Held,

    /// <summary>The call was ended.</summary>
    CallEnded,

    /// <summary>The server ended without order; the recording went on later.</summary>
    Interrupted,
}
