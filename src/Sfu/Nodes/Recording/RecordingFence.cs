using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>A recording and the life of its grain that speaks. The epoch rises with each activation: a command with a lower one than the
/// last seen for the recording is refused and counted.</summary>
/// <param name="Recording">Its id, a UUID version 7.</param>
/// <param name="Room">Whose media it is.</param>
/// <param name="Epoch">From 1.</param>
public readonly record struct RecordingFence(Guid Recording, RoomKey Room, long Epoch);
