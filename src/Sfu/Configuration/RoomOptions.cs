namespace Sfu.Configuration;

/// <summary>Defaults and limits of rooms: section <c>Sfu:Rooms</c>. Read once at start.</summary>
public sealed class RoomOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Sfu:Rooms";

    /// <summary>Most participants of a room that does not say otherwise, the lobby not counted. 1 to <see cref="MaxParticipantsLimit"/>; default 500.</summary>
    public int MaxParticipants { get; set; } = 500;

    /// <summary>Most participants that a room may ask for. 1 to 1,000; default 500.</summary>
    public int MaxParticipantsLimit { get; set; } = 500;

    /// <summary>How long a room lives that nobody joined. 1 s to 7 days; default 300 s.</summary>
    public TimeSpan EmptyTimeout { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>How long a room lives after the last participant left. 0 to 7 days; default 20 s.</summary>
    public TimeSpan DepartureTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Most published tracks per participant. 1 to 64; default 8.</summary>
    public int MaxTracks { get; set; } = 8;

    /// <summary>Most participants in a room's lobby. 1 to 1,000; default 100.</summary>
    public int MaxWaiting { get; set; } = 100;

    /// <summary>How long somebody may wait in the lobby. 10 s to 24 h; default 15 min.</summary>
    public TimeSpan LobbyTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long participants of a process that died may resume on another one, before they leave. 1 s to 10 min; default 15 s.</summary>
    public TimeSpan NodeLostTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A join creates the room although the token has no <c>roomCreate</c>. Default: only on a development server, which is one
    /// without configured API keys.</summary>
    public bool? AutoCreate { get; set; }

    /// <summary>Most open rooms of this node. 1 to 100,000; default 500.</summary>
    public int MaxRooms { get; set; } = 500;

    /// <summary>Most open rooms of one tenant. 1 to 100,000; default 1,000.</summary>
    public int MaxRoomsPerTenant { get; set; } = 1000;

    /// <summary>Most participants of this node, the lobbies counted. 1 to 100,000; default 2,000.</summary>
    public int MaxParticipantsPerNode { get; set; } = 2000;

    /// <summary>Joins that this node carries out per second; half a second's worth may come at once. 1 to 1,000; default 50.</summary>
    public int JoinsPerSecond { get; set; } = 50;

    /// <summary>Joins that wait for their turn; more are refused with a time to wait. 0 to 10,000; default 200.</summary>
    public int JoinQueue { get; set; } = 200;

    /// <summary>Resumes that this node carries out per second, before any join; half a second's worth may come at once. 1 to 10,000; default 200.</summary>
    public int ResumesPerSecond { get; set; } = 200;

    /// <summary>Resumes that wait for their turn; more are refused with a time to wait. 0 to 100,000; default 1,000.</summary>
    public int ResumeQueue { get; set; } = 1000;

    /// <summary>How long events stay readable. 1 h to 3,650 days; default 30 days.</summary>
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(30);
}
