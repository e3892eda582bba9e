using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>What the node needs to record a room, or to go on recording it after a crash. Everything in it is durable already.</summary>
public sealed record RecordingOrder
{
    /// <summary>Which recording, and who orders it.</summary>
    public required RecordingFence Fence { get; init; }

    /// <summary>Id of the life of the room (<c>RM_</c>...).</summary>
    public required string RoomId { get; init; }

    /// <summary>Under <see cref="RecordingPolicy.Required"/> the node forwards media of the room only while the recorder's lease is fresh,
    /// and of a participant only while its state is neither consent pending nor refused.</summary>
    public required RecordingPolicy Policy { get; init; }

    /// <summary>Under <see cref="ConsentMode.First"/> a participant that the node knows nothing of is <see cref="ParticipantRecordingState.ConsentPending"/>.</summary>
    public required ConsentMode Consent { get; init; }

    /// <summary>When it was asked for; the folder of the evidence is named by this day (UTC).</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>True after the server was started again: the write-ahead log may have the recording open, and it goes on with a declared gap.
    /// False: it is new, or runs already.</summary>
    public bool Continues { get; init; }

    /// <summary>Those in the room now. Later changes come by <see cref="IRecordingNode.SetParticipants"/>.</summary>
    public IReadOnlyList<RecordedParticipant> Participants { get; init; } = [];

    /// <summary>What is paused now, each with its own <see cref="PauseOrder.Participant"/>; any only after a restart.</summary>
    public IReadOnlyList<PauseOrder> Pauses { get; init; } = [];
}

/// <summary>One participant, as far as recording is concerned.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Name">Its display name; may be empty.</param>
/// <param name="State">Whether it is recorded.</param>
/// <param name="ConsentText">SHA-256 of the text that it agreed to before it came, hexadecimal; null when it was asked here, or not at all.</param>
[GenerateSerializer, Immutable]
public sealed record RecordedParticipant(ParticipantId Id, string Identity, string Name, ParticipantRecordingState State, string? ConsentText = null)
{
    /// <summary>It is in the room, and others may know it; false also when that is not known. Only then its name is written down where no event
    /// of the room has it.</summary>
    [Id(0)] public bool IsVisible { get; init; }
}

/// <summary>Masks media and data messages from the next packet on: of the room, or of a participant and of everybody else who has its identity
/// now or comes with it.</summary>
/// <param name="Participant">Whose, the key by which it is resumed; null = the whole room's.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">More about it; may be empty, at most 256 characters.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Identity">The participant's identity; null = the room's, or not known: then only who has this id is masked.</param>
public sealed record PauseOrder(ParticipantId? Participant, PauseReason Reason, string Text, DateTimeOffset At, string? Identity = null);
