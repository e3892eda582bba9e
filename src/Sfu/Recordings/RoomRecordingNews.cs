namespace Sfu.Recordings;

/// <summary>What the owner of a recording tells its room. The same again, or an older one, is ignored.</summary>
/// <param name="RoomId">The life of the room that it concerns.</param>
/// <param name="Recording">The recording as it is now.</param>
/// <param name="EndsRoom">The room must end: it could not be recorded, and must be.</param>
[GenerateSerializer, Immutable]
public sealed record RoomRecordingNews(string RoomId, RoomRecording Recording, bool EndsRoom);

/// <summary>Tells rooms about their recordings: the seam between the two owners.</summary>
internal interface IRecordedRooms
{
    /// <summary>Tells the room; ends when it knows, or fails.</summary>
    Task TellAsync(Rooms.RoomKey room, RoomRecordingNews news);
}
