namespace Sfu.Rooms;

/// <summary>Who asks for a change: a participant, whose rights the room checks, or the back end, whose token was checked before.</summary>
/// <param name="Participant">The participant, or null for the back end.</param>
/// <param name="ApiKey">The back end's API key name (not its secret), or empty.</param>
[GenerateSerializer, Immutable]
public sealed record RoomActor(ParticipantId? Participant, string ApiKey = "")
{
    /// <summary>The server itself: timers, sweeps.</summary>
    public static RoomActor Server { get; } = new((ParticipantId?)null);

    /// <summary>A participant.</summary>
    public static RoomActor Of(ParticipantId participant) => new(participant);

    /// <summary>A back end that authenticated with a key.</summary>
    public static RoomActor BackEnd(string apiKey) => new((ParticipantId?)null, apiKey);
}
