namespace Sfu.Rooms.Decisions;

/// <summary>Makes the ids that decisions give out; never the same twice.</summary>
internal interface IRoomIds
{
    /// <summary>For a life of a room.</summary>
    string NewRoom();

    /// <summary>For a participant.</summary>
    ParticipantId NewParticipant();

    /// <summary>For a track.</summary>
    TrackId NewTrack();
}

/// <summary>Random ids (<see cref="ServerIds"/>).</summary>
internal sealed class RandomRoomIds : IRoomIds
{
    public string NewRoom() => ServerIds.NewRoom();

    public ParticipantId NewParticipant() => ServerIds.NewParticipant();

    public TrackId NewTrack() => ServerIds.NewTrack();
}
