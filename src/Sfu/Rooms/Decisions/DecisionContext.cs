using Sfu.Configuration;
using Sfu.Recordings;

namespace Sfu.Rooms.Decisions;

/// <summary>What decisions need besides the state: they read no clock, no randomness and no configuration themselves.</summary>
/// <param name="Options">Defaults and limits.</param>
/// <param name="Now">Wall clock, whole milliseconds.</param>
/// <param name="Ids">Makes new ids.</param>
/// <param name="NoRoomLeft">Why no further room may be opened here, or null.</param>
internal sealed record DecisionContext(RoomOptions Options, DateTimeOffset Now, IRoomIds Ids, RoomError? NoRoomLeft = null)
{
    /// <summary>Policy of a room that says nothing.</summary>
    public RecordingPolicy Recording { get; init; }

    /// <summary>Consent of a room that says nothing.</summary>
    public ConsentMode Consent { get; init; }
}
