namespace Sfu.Rooms.Decisions;

/// <summary>What a room decided: a refusal, or the events that make it so (none when it is so already).</summary>
/// <param name="Error">Why not, or null.</param>
/// <param name="Events">In order; empty after a refusal.</param>
internal readonly record struct Decision(RoomError? Error, IReadOnlyList<RoomEvent> Events)
{
    /// <summary>It is so already.</summary>
    public static Decision Nothing { get; } = new(null, []);

    /// <summary>It happens.</summary>
    public static Decision Do(params IReadOnlyList<RoomEvent> events) => new(null, events);

    /// <summary>It is refused; nothing changes.</summary>
    public static Decision Refuse(RoomErrorCode code, string message, TimeSpan? retryAfter = null) =>
        new(new RoomError(code, message, retryAfter), []);

    /// <summary>The room does not exist (or not for the one who asks).</summary>
    public static Decision NoRoom { get; } = Refuse(RoomErrorCode.NotFound, "There is no such room.");

    /// <summary>The participant is not in the room (any more).</summary>
    public static Decision NoParticipant { get; } = Refuse(RoomErrorCode.NotFound, "There is no such participant.");

    /// <summary>The track does not exist (any more).</summary>
    public static Decision NoTrack { get; } = Refuse(RoomErrorCode.NotFound, "There is no such track.");
}
