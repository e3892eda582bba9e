using Sfu.Rooms;

namespace Sfu.Recordings.Decisions;

/// <summary>What was decided about a recording: a refusal, or the events that make it so (none when it is so already).</summary>
/// <param name="Error">Why not, or null.</param>
/// <param name="Events">In order; empty after a refusal.</param>
internal readonly record struct RecordingDecision(RoomError? Error, IReadOnlyList<RecordingEvent> Events)
{
    /// <summary>It is so already.</summary>
    public static RecordingDecision Nothing { get; } = new(null, []);

    /// <summary>There is no such recording, or it is over.</summary>
    public static RecordingDecision NotLive { get; } = Refuse(RoomErrorCode.BadState, "The recording has ended.");

    /// <summary>Nobody of this id is or was in the recording.</summary>
    public static RecordingDecision NoParticipant { get; } = Refuse(RoomErrorCode.NotFound, "No such participant.");

    /// <summary>It happens.</summary>
    public static RecordingDecision Do(params IReadOnlyList<RecordingEvent> events) => new(null, events);

    /// <summary>It is refused; nothing changes.</summary>
    public static RecordingDecision Refuse(RoomErrorCode code, string message) => new(new RoomError(code, message), []);
}
